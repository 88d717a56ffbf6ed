//! The sample company's files: a small ledger in which a bit of everything is due on the day of the demo.

use std::fmt::Write as _;
use std::path::Path;

use chrono::{NaiveDate, TimeDelta};

use super::super::Result;

/// The configuration: as the shipped one, but what it sends goes into a folder.
pub const CONFIG: &str = r#"# The demo's configuration. Nothing can leave: e-mails are written into a folder.
[database]
url = "sqlite:dunningd.db"

[ledger]
source = "own"

[relay]
transport = "file"
directory = "outbox"

[company]
name     = "Example Ltd"
from     = "Example Accounts <accounts@example.com>"
reply_to = "accounts@example.com"
phone    = "+44 20 7946 0000"
address  = """1 Example Street
Exampletown EX1 2MP"""
payment  = "Example Bank, IBAN GB33 BUKB 2020 1555 5555 55, BIC BUKBGB22"

[poll]
schedule = ["*/15 8-17 * * mon-fri"]

[templates]
directory = "templates"
default_language = "en"
"#;

/// The shipped timetable, live since long ago.
pub fn timetable() -> String {
    let shipped = include_str!("../../../config/timetable.toml");
    let old = "# go_live   = \"2027-01-04\"";
    shipped.replace(old, "go_live     = \"2020-01-01\"")
}

const CUSTOMERS: &str = "\
id,name,email,language,country,rank,phone,account_manager,collector
C-1001,Northwind Traders,ap@northwind.example,en,GB,B,+44 20 7946 0101,sales@example.com,collections@example.com
C-1002,Müller Maschinenbau GmbH,buchhaltung@mueller-maschinenbau.example,de,DE,B,+49 30 5550 102,sales@example.com,collections@example.com
C-1003,Boulangerie Lefèvre,compta@lefevre.example,fr,FR,C,+33 1 55 50 10 03,,collections@example.com
C-1004,Contoso Energy,invoices@contoso.example,en,US,A,+1 202 555 0104,keyaccounts@example.com,collections@example.com
C-1005,Adventure Works,finance@adventure-works.example;owner@adventure-works.example,en,GB,C,+44 20 7946 0105,,collections@example.com
C-1006,Fabrikam Design,hello@fabrikam.example,en,GB,D,,,
C-1007,Tailspin Toys,ap@tailspin.example,en,US,B,+1 202 555 0107,sales@example.com,collections@example.com
C-1008,Wingtip Consulting,,en,GB,C,+44 20 7946 0108,,collections@example.com
";

/// Customer, number, days since the due date, days from issue to due, currency, total, disputed.
type Row = (&'static str, &'static str, i64, i64, &'static str, &'static str, bool);

const INVOICES: [Row; 16] = [
    ("C-1001", "2101", 30, 30, "GBP", "1840.00", false),
    ("C-1001", "2117", 3, 30, "GBP", "412.50", false),
    ("C-1001", "2140", -12, 30, "GBP", "260.00", false),
    ("C-1001", "0901", 330, 30, "GBP", "100.00", false),
    ("C-1002", "2098", 45, 30, "EUR", "12480.90", false),
    ("C-1002", "0902", 330, 30, "EUR", "100.00", false),
    ("C-1003", "2121", -5, 30, "EUR", "318.40", false),
    ("C-1003", "0903", 330, 30, "EUR", "100.00", false),
    ("C-1004", "2130", -20, 60, "USD", "48200.00", false),
    ("C-1005", "2111", 10, 30, "GBP", "75.20", false),
    ("C-1005", "2096", 60, 30, "GBP", "990.00", false),
    ("C-1006", "2119", 1, 14, "GBP", "56.00", false),
    ("C-1006", "2145", -14, 14, "GBP", "84.00", false),
    ("C-1007", "2118", 3, 30, "USD", "640.00", true),
    ("C-1007", "2126", -9, 30, "USD", "1200.00", false),
    ("C-1008", "2110", 15, 30, "GBP", "205.00", false),
];

/// Writes customers.csv, invoices.csv and payments.csv, as of a day.
pub fn write(dir: &Path, today: NaiveDate) -> Result<()> {
    std::fs::write(dir.join("customers.csv"), CUSTOMERS)?;
    let mut invoices = "id,number,customer_id,issue_date,due_date,currency,total,disputed\n".to_owned();
    for (customer, number, late, terms, currency, total, disputed) in INVOICES {
        let due = today - TimeDelta::days(late);
        let issued = due - TimeDelta::days(terms);
        let line = writeln!(invoices, "{number},INV-{number},{customer},{issued},{due},{currency},{total},{disputed}");
        line.map_err(anyhow::Error::from)?;
    }
    std::fs::write(dir.join("invoices.csv"), invoices)?;
    // The old ones were paid long ago; one is paid this morning, and is thanked for.
    let (long_ago, header) = (today - TimeDelta::days(331), "id,customer_id,invoice_id,received_on,amount,currency");
    let payments = format!(
        "{header}\nP-1,C-1001,0901,{long_ago},100.00,GBP\nP-2,C-1002,0902,{long_ago},100.00,EUR\nP-3,C-1003,0903,{long_ago},100.00,EUR\nP-4,C-1007,2126,{today},1200.00,USD\n"
    );
    std::fs::write(dir.join("payments.csv"), payments)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_demos_timetable_is_the_shipped_one_and_live() {
        let text = super::timetable();
        let (timetable, warnings) = crate::timetable::file::parse("timetable.toml", &text).unwrap();
        assert_eq!(timetable.go_live, Some("2020-01-01".parse().unwrap()));
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}
