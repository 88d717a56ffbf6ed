//! The own ledger: its tables, read as of a day (L6).

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::freshness;
use super::model::{BadRow, Customer, Invoice, Payment, Snapshot, Status};
use super::rows::InvoiceRow;
use super::whose::Whose;
use crate::address::EmailAddress;
use crate::database::{DatabaseError, Row, Tx, Val, inconsistent};
use crate::money::Currency;
use crate::vals;

/// The invoices issued by a day, less the payments received by it; other columns as they are now (L6).
///
/// # Errors
/// The database's own.
pub async fn read(tx: &mut Tx, as_of: NaiveDate) -> Result<Snapshot, DatabaseError> {
    let payments_as_of = freshness::own(tx).await?;
    Ok(Snapshot { payments_as_of, ..read_of(tx, as_of, Whose::Everybody, None).await? })
}

/// The same of some customers. A payment belongs to the customer of its invoice; to its own, if it has none.
/// `payments_wanted`: up to which day the payments have to be (L10); `None`: nobody asks how fresh they are.
///
/// # Errors
/// The database's own.
pub async fn read_of(
    tx: &mut Tx,
    as_of: NaiveDate,
    whose: Whose<'_>,
    payments_wanted: Option<NaiveDate>,
) -> Result<Snapshot, DatabaseError> {
    let payments_as_of = if payments_wanted.is_some() { freshness::own(tx).await? } else { None };
    let (customers, invoices, payments) = rows(tx, as_of, whose).await?;
    Ok(Snapshot { payments_as_of, payments_wanted, ..assemble(customers, invoices, payments, Vec::new()) })
}

/// The last of so many customers after one, also of such as only invoices name; `None`: there are not so many.
///
/// # Errors
/// The database's own.
pub async fn last_of_page(tx: &mut Tx, after: &str, size: u32) -> Result<Option<String>, DatabaseError> {
    let sql = "SELECT id FROM (SELECT id FROM (SELECT id FROM ledger_customer WHERE id > $1 ORDER BY id LIMIT $2) a UNION
                 SELECT id FROM (SELECT DISTINCT customer_id AS id FROM ledger_invoice WHERE customer_id > $1 ORDER BY 1 LIMIT $2) b) c
               ORDER BY id LIMIT 1 OFFSET $3";
    tx.first(sql, vals![after, size, size - 1]).await?.map(|r| r.text("id")).transpose()
}

/// How many invoices issued by a day have payments after it and a balance or a word of the ledger's own, which is the one of
/// now (L6).
///
/// # Errors
/// The database's own.
pub async fn balances_of_now(tx: &mut Tx, day: NaiveDate) -> Result<u32, DatabaseError> {
    let sql = "SELECT count(*) AS n FROM ledger_invoice i WHERE i.issue_date <= $1 AND (i.open_balance IS NOT NULL OR i.status = 'paid')
                 AND EXISTS (SELECT 1 FROM ledger_payment p WHERE p.invoice_id = i.id AND p.received_on > $1)";
    tx.first(sql, vals![day]).await?.map_or(Ok(0), |r| r.count("n"))
}

/// The usable rows of the three tables up to a day.
pub(super) async fn rows(
    tx: &mut Tx,
    as_of: NaiveDate,
    whose: Whose<'_>,
) -> Result<(Vec<Customer>, Vec<InvoiceRow>, Vec<Payment>), DatabaseError> {
    let mut values = vec![];
    let from = format!("ledger_customer WHERE {}", whose.sql("id", &mut values));
    let customers = found(tx, whose, CUSTOMER, &from, values, customer).await?;
    let mut values = vals![as_of];
    let from = format!("ledger_invoice WHERE issue_date <= $1 AND {}", whose.sql("customer_id", &mut values));
    let invoices = found(tx, whose, INVOICE, &from, values, invoice).await?;
    let mut values = vals![as_of];
    let from = match whose {
        Whose::Everybody => "ledger_payment WHERE received_on <= $1".to_owned(),
        whose => format!(
            "(SELECT p.* FROM ledger_invoice i JOIN THEN ledger_payment p ON p.invoice_id = i.id
             WHERE {} AND i.issue_date <= $1 AND p.received_on <= $1
             UNION ALL SELECT p.* FROM ledger_payment p WHERE {} AND p.received_on <= $1 AND (p.invoice_id IS NULL
               OR NOT EXISTS (SELECT 1 FROM ledger_invoice i WHERE i.id = p.invoice_id AND i.issue_date <= $1))) p",
            whose.sql("i.customer_id", &mut values),
            whose.sql("p.customer_id", &mut values)
        ),
    };
    let payments = found(tx, whose, PAYMENT, &from, values, payment).await?;
    Ok((customers, invoices, payments))
}

/// Rows of a table. Those of everybody may be more than fit into one piece.
async fn found<T>(
    tx: &mut Tx,
    whose: Whose<'_>,
    columns: &'static [&'static str],
    from: &str,
    values: Vec<Val>,
    read: fn(&Row) -> Result<T, DatabaseError>,
) -> Result<Vec<T>, DatabaseError> {
    let rows = match whose {
        Whose::Everybody => tx.all(&format!("SELECT {} FROM {from}", columns.join(", ")), values).await?,
        _ => tx.many(columns, from, values).await?,
    };
    rows.iter().map(read).collect()
}

/// After every date of a ledger, and four digits long as all dates of the database are.
pub(super) const THE_LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// Makes one picture of three sets of usable rows: what has been paid is taken off what was not given as open.
#[must_use]
pub fn assemble(customers: Vec<Customer>, invoices: Vec<InvoiceRow>, payments: Vec<Payment>, bad_rows: Vec<BadRow>) -> Snapshot {
    let currencies: HashMap<&str, Currency> = invoices.iter().map(|i| (i.id.as_str(), i.currency)).collect();
    let mut paid: HashMap<String, Decimal> = HashMap::new();
    let mut snapshot = Snapshot { bad_rows, ..Snapshot::default() };
    let of = |p: &Payment| p.invoice_id.as_deref().and_then(|id| currencies.get(id)).copied();
    let (payments, strange): (Vec<Payment>, Vec<Payment>) =
        payments.into_iter().partition(|p| of(p).is_none_or(|c| c == p.currency));
    snapshot.bad_rows.extend(strange.iter().map(|p| BadRow {
        set: "payments",
        place: format!("payment {}", p.id),
        column: "currency".to_owned(),
        value: p.currency.to_string(),
        problem: format!("its invoice {} is in another currency", p.invoice_id.as_deref().unwrap_or_default()),
    }));
    for payment in &payments {
        if let Some(invoice) = &payment.invoice_id {
            *paid.entry(invoice.clone()).or_default() += payment.amount;
        }
    }
    let owed = |row: InvoiceRow| {
        let paid = paid.get(&row.id).copied().unwrap_or_default();
        (row.id.clone(), row.into_invoice(paid))
    };
    snapshot.invoices = invoices.into_iter().map(owed).collect();
    snapshot.customers = customers.into_iter().map(|c| (c.id.clone(), c)).collect();
    let nobody = |i: &&Invoice| i.is_open() && !snapshot.customers.contains_key(&i.customer_id);
    snapshot.bad_rows.extend(snapshot.invoices.values().filter(nobody).map(|i| BadRow {
        set: "invoices",
        place: format!("invoice {}", i.id),
        column: "customer_id".to_owned(),
        value: i.customer_id.clone(),
        problem: "the ledger has no customer of this id (any more): nothing is sent about the invoice".to_owned(),
    }));
    snapshot.payments = payments;
    snapshot
}

fn extra(row: &Row) -> Result<BTreeMap<String, String>, DatabaseError> {
    row.json("extra")
}

const CUSTOMER: &[&str] = &[
    "id",
    "name",
    "email",
    "cc",
    "language",
    "country",
    "segment",
    "rank",
    "phone",
    "account_manager",
    "collector",
    "do_not_contact",
    "credit_limit",
    "unallocated_credit",
    "extra",
];

fn customer(row: &Row) -> Result<Customer, DatabaseError> {
    let (email, mut unusable) = EmailAddress::parse_list(&row.text("email")?);
    let (cc, bad) = EmailAddress::parse_list(&row.text("cc")?);
    unusable.extend(bad);
    let mut colleague = |column: &str| -> Result<Option<EmailAddress>, DatabaseError> {
        let (good, bad) = EmailAddress::parse_list(&row.opt_text(column)?.unwrap_or_default());
        unusable.extend(bad);
        Ok(good.into_iter().next())
    };
    Ok(Customer {
        account_manager: colleague("account_manager")?,
        collector: colleague("collector")?,
        id: row.text("id")?,
        name: row.text("name")?,
        email,
        cc,
        language: row.opt_text("language")?,
        country: row.opt_text("country")?,
        segment: row.opt_text("segment")?,
        rank: row.opt_text("rank")?,
        rank_is_computed: false,
        phone: row.opt_text("phone")?,
        do_not_contact: row.flag("do_not_contact")?,
        credit_limit: row.opt_parsed("credit_limit", "an amount")?,
        unallocated_credit: row.amount("unallocated_credit")?,
        extra: extra(row)?,
        unusable_addresses: unusable,
    })
}

const INVOICE: &[&str] = &[
    "id",
    "number",
    "customer_id",
    "issue_date",
    "due_date",
    "currency",
    "total",
    "open_balance",
    "status",
    "disputed",
    "po_number",
    "payment_url",
    "document_path",
    "extra",
];

fn invoice(row: &Row) -> Result<InvoiceRow, DatabaseError> {
    let status = row.text("status")?;
    Ok(InvoiceRow {
        id: row.text("id")?,
        number: row.text("number")?,
        customer_id: row.text("customer_id")?,
        issue_date: row.date("issue_date")?,
        due_date: row.date("due_date")?,
        currency: row.parsed("currency", "a currency")?,
        total: row.amount("total")?,
        open_balance: row.opt_parsed("open_balance", "an amount")?,
        status: Status::from_word(&status).ok_or_else(|| inconsistent("status", status, "a status"))?,
        disputed: row.flag("disputed")?,
        po_number: row.opt_text("po_number")?,
        payment_url: row.opt_text("payment_url")?,
        document_path: row.opt_text("document_path")?,
        extra: extra(row)?,
    })
}

const PAYMENT: &[&str] = &["id", "customer_id", "invoice_id", "received_on", "amount", "currency"];

fn payment(row: &Row) -> Result<Payment, DatabaseError> {
    Ok(Payment {
        id: row.text("id")?,
        customer_id: row.text("customer_id")?,
        invoice_id: row.opt_text("invoice_id")?,
        received_on: row.date("received_on")?,
        amount: row.amount("amount")?,
        currency: row.parsed("currency", "a currency")?,
    })
}
