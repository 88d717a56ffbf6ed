//! The rows of a ledger, and the picture of it that one read gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::address::EmailAddress;
use crate::money::Currency;

/// A customer, as the ledger has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    pub id: String,
    pub name: String,
    /// The usable addresses of the `email` column, in their order.
    pub email: Vec<EmailAddress>,
    pub cc: Vec<EmailAddress>,
    /// BCP 47 (`de`, `fr-CA`).
    pub language: Option<String>,
    pub country: Option<String>,
    pub segment: Option<String>,
    /// A to D.
    pub rank: Option<String>,
    /// It is not the ledger's own, but follows from the books (`[rank]`).
    pub rank_is_computed: bool,
    pub phone: Option<String>,
    /// Colleagues' addresses.
    pub account_manager: Option<EmailAddress>,
    pub collector: Option<EmailAddress>,
    pub do_not_contact: bool,
    pub credit_limit: Option<Decimal>,
    /// Money received and credit notes not yet set against an invoice (T19); unallocated payments are added to it.
    pub unallocated_credit: Decimal,
    /// Columns that dunningd does not know: `customer.extra.NAME` in a template.
    pub extra: BTreeMap<String, String>,
    /// Addresses that cannot be used, each with the reason; they stop no other.
    pub unusable_addresses: Vec<(String, String)>,
}

impl Customer {
    /// The rank for people: `C`, or `C (computed)`.
    #[must_use]
    pub fn shown_rank(&self) -> Option<String> {
        let how = if self.rank_is_computed { " (computed)" } else { "" };
        self.rank.as_ref().map(|rank| format!("{rank}{how}"))
    }
}

/// What the ledger says an invoice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Status {
    #[default]
    Open,
    Paid,
    Void,
    Draft,
}

impl Status {
    /// The four documented words (L2); `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "" | "open" => Self::Open,
            "paid" => Self::Paid,
            "void" => Self::Void,
            "draft" => Self::Draft,
            _ => return None,
        })
    }

    /// The documented word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Draft => "draft",
        }
    }
}

/// An invoice, with what is still owed on it as of the day of the read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    pub id: String,
    /// What the customer sees.
    pub number: String,
    pub customer_id: String,
    pub issue_date: NaiveDate,
    pub due_date: NaiveDate,
    pub currency: Currency,
    pub total: Decimal,
    /// The given open balance, else the total less the payments (L6); 0 for a paid one.
    pub open_balance: Decimal,
    pub status: Status,
    /// The ledger's own word; a dispute entered with `dunningd dispute` is kept elsewhere.
    pub disputed: bool,
    pub po_number: Option<String>,
    pub payment_url: Option<String>,
    pub document_path: Option<String>,
    /// Columns that dunningd does not know: `invoice.extra.NAME` in a template.
    pub extra: BTreeMap<String, String>,
}

impl Invoice {
    /// One of which nothing is known but what it must have, and on which nothing was paid. `days`: issued and due.
    #[must_use]
    pub fn unpaid(id: &str, customer_id: &str, days: (NaiveDate, NaiveDate), currency: Currency, total: Decimal) -> Self {
        Self {
            id: id.to_owned(),
            number: id.to_owned(),
            customer_id: customer_id.to_owned(),
            issue_date: days.0,
            due_date: days.1,
            currency,
            total,
            open_balance: total,
            status: Status::Open,
            disputed: false,
            po_number: None,
            payment_url: None,
            document_path: None,
            extra: BTreeMap::new(),
        }
    }

    /// Open: something is owed on it, and it is neither void nor draft.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status == Status::Open && self.open_balance > Decimal::ZERO
    }

    /// Calendar days from the due date to `today`; negative before it.
    #[must_use]
    pub fn days_past_due(&self, today: NaiveDate) -> i64 {
        (today - self.due_date).num_days()
    }
}

/// A payment; negative when money went back (a bounced cheque).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: String,
    pub customer_id: String,
    /// `None`: not allocated, counts as the customer's unallocated credit.
    pub invoice_id: Option<String>,
    pub received_on: NaiveDate,
    pub amount: Decimal,
    pub currency: Currency,
}

/// A row that cannot be used (L2): it is left out and named, the others go on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BadRow {
    /// `customers`, `invoices` or `payments`.
    pub set: &'static str,
    /// The file and line, or the query and the row's key.
    pub place: String,
    pub column: String,
    pub value: String,
    pub problem: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.column)?;
        if !self.value.is_empty() {
            write!(f, " {:?}", self.value)?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// One consistent picture of the ledger as of a day (L1, L6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub customers: BTreeMap<String, Customer>,
    pub invoices: BTreeMap<String, Invoice>,
    pub payments: Vec<Payment>,
    pub bad_rows: Vec<BadRow>,
    /// Up to which day the payments are complete, as far as the ledger says (L10).
    pub payments_as_of: Option<NaiveDate>,
    /// Up to which day they have to be; `None`: nobody asks.
    pub payments_wanted: Option<NaiveDate>,
}

impl Snapshot {
    /// The part of the picture that is about these customers.
    #[must_use]
    pub fn of(&self, customers: &BTreeSet<String>) -> Self {
        Self {
            customers: self.customers.iter().filter(|(id, _)| customers.contains(*id)).map(pair).collect(),
            invoices: self.invoices.iter().filter(|(_, i)| customers.contains(&i.customer_id)).map(pair).collect(),
            payments: self.payments.iter().filter(|p| customers.contains(&p.customer_id)).cloned().collect(),
            ..Self::default()
        }
    }

    /// The picture with another one of these customers in place of theirs.
    #[must_use]
    pub fn with(&self, customers: &BTreeSet<String>, of_them: Self) -> Self {
        let mut picture = self.clone();
        picture.customers.retain(|id, _| !customers.contains(id));
        picture.invoices.retain(|_, i| !customers.contains(&i.customer_id));
        picture.payments.retain(|p| !customers.contains(&p.customer_id));
        picture.customers.extend(of_them.customers);
        picture.invoices.extend(of_them.invoices);
        picture.payments.extend(of_them.payments);
        picture.payments_as_of = of_them.payments_as_of;
        picture
    }
}

fn pair<T: Clone>((id, row): (&String, &T)) -> (String, T) {
    (id.clone(), row.clone())
}
