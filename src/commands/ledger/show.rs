//! `dunningd ledger show`: the rows of an invoice or a customer, as they were read.

use std::collections::{BTreeSet, HashMap};

use anyhow::anyhow;
use clap::Args;
use serde_json::{Map, Value, json};

use super::super::counting::Counting;
use super::super::{Exit, Format, Globals, Result, output};
use crate::contacts::facts;
use crate::ledger::source::Source;
use crate::ledger::{BadRow, Customer, Invoice, Payment, Snapshot, Whose, origin, own};

/// One invoice or customer.
#[derive(Debug, Args)]
pub struct Show {
    /// The id of an invoice or a customer, or the number of an invoice
    #[arg(value_name = "INVOICE|CUSTOMER")]
    id: String,
}

/// Where each row comes from, by set and id.
type Origins = HashMap<(&'static str, String), String>;

pub async fn run(globals: &Globals, args: &Show) -> Result {
    let Counting { source, db, today, .. } = Counting::open(globals).await?;
    let mut tx = db.snapshot().await?;
    let ledger = match &source {
        Source::Own => {
            let customers = origin::customers_of(&mut tx, &args.id).await?;
            own::read_of(&mut tx, today, Whose::These(&customers), None).await?
        }
        Source::Query(_) => match source.read(&db, facts::Remembered, today).await {
            Ok(ledger) => ledger,
            Err(error) => {
                output::complain(&format!("the ledger could not be read: {error}"));
                return Ok(Exit::Attention);
            }
        },
    };
    let invoices: Vec<&Invoice> = of(&ledger, &args.id);
    let customers: BTreeSet<String> =
        invoices.iter().map(|i| i.customer_id.clone()).chain(ledger.customers.get(&args.id).map(|c| c.id.clone())).collect();
    let bad: Vec<&BadRow> = ledger.bad_rows.iter().filter(|b| names(b, &args.id)).collect();
    if customers.is_empty() && bad.is_empty() {
        return Err(anyhow!(
            "the ledger has no invoice and no customer {:?} as of {today}; a row that could not be used is left out: `dunningd check` names it",
            args.id
        )
        .into());
    }
    let ids: Vec<String> = customers.iter().cloned().collect();
    let origins = match &source {
        Source::Own => origin::of(&mut tx, Whose::These(&ids)).await?,
        Source::Query(_) => of_queries(&ledger, &customers),
    };
    let whole = ledger.customers.contains_key(&args.id);
    let rows = Rows {
        customers: customers.iter().filter_map(|id| ledger.customers.get(id)).collect(),
        invoices: if whole {
            ledger.invoices.values().filter(|i| customers.contains(&i.customer_id)).collect()
        } else {
            invoices.clone()
        },
        payments: ledger
            .payments
            .iter()
            .filter(|p| match &p.invoice_id {
                _ if whole => customers.contains(&p.customer_id),
                Some(id) => invoices.iter().any(|i| i.id == *id),
                None => false,
            })
            .collect(),
        origins,
    };
    match globals.format {
        Format::Json => output::json(&rows.document(&bad)),
        Format::Text => rows.show(&bad),
    }
    Ok(if bad.is_empty() { Exit::Done } else { Exit::Attention })
}

fn of<'l>(ledger: &'l Snapshot, id: &str) -> Vec<&'l Invoice> {
    match ledger.invoices.get(id) {
        Some(invoice) => vec![invoice],
        None => ledger.invoices.values().filter(|i| i.number == id).collect(),
    }
}

/// Whether a bad row is about this id, as its place or value says.
fn names(row: &BadRow, id: &str) -> bool {
    row.value == id || row.place.rsplit(' ').next() == Some(id)
}

fn of_queries(ledger: &Snapshot, customers: &BTreeSet<String>) -> Origins {
    let place = |set: &'static str, id: &String| ((set, id.clone()), format!("the {set} query"));
    let invoices = ledger.invoices.values().filter(|i| customers.contains(&i.customer_id)).map(|i| place("invoices", &i.id));
    let payments = ledger.payments.iter().filter(|p| customers.contains(&p.customer_id)).map(|p| place("payments", &p.id));
    customers.iter().map(|id| place("customers", id)).chain(invoices).chain(payments).collect()
}

struct Rows<'l> {
    customers: Vec<&'l Customer>,
    invoices: Vec<&'l Invoice>,
    payments: Vec<&'l Payment>,
    origins: Origins,
}

impl Rows<'_> {
    fn from(&self, set: &'static str, id: &str) -> Value {
        self.origins.get(&(set, id.to_owned())).cloned().into()
    }

    fn customer(&self, c: &Customer) -> Value {
        let list = |all: &[crate::address::EmailAddress]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        let bad: Vec<Value> = c.unusable_addresses.iter().map(|(text, why)| json!({ "address": text, "problem": why })).collect();
        json!({ "id": c.id, "name": c.name, "email": list(&c.email), "cc": list(&c.cc), "unusable_addresses": bad,
            "language": c.language, "country": c.country, "segment": c.segment, "rank": c.rank, "phone": c.phone,
            "account_manager": c.account_manager.as_ref().map(ToString::to_string),
            "collector": c.collector.as_ref().map(ToString::to_string), "do_not_contact": c.do_not_contact,
            "credit_limit": c.credit_limit.map(|a| a.to_string()), "unallocated_credit": c.unallocated_credit.to_string(),
            "extra": c.extra, "from": self.from("customers", &c.id) })
    }

    fn invoice(&self, i: &Invoice) -> Value {
        json!({ "id": i.id, "number": i.number, "customer_id": i.customer_id, "issue_date": i.issue_date, "due_date": i.due_date,
            "currency": i.currency, "total": i.currency.plain(i.total), "open_balance": i.currency.plain(i.open_balance),
            "status": i.status.word(), "disputed": i.disputed, "po_number": i.po_number, "payment_url": i.payment_url,
            "document_path": i.document_path, "extra": i.extra, "from": self.from("invoices", &i.id) })
    }

    fn payment(&self, p: &Payment) -> Value {
        json!({ "id": p.id, "customer_id": p.customer_id, "invoice_id": p.invoice_id, "received_on": p.received_on,
            "amount": p.currency.plain(p.amount), "currency": p.currency, "from": self.from("payments", &p.id) })
    }

    fn document(&self, bad: &[&BadRow]) -> Value {
        json!({ "customers": self.customers.iter().map(|c| self.customer(c)).collect::<Vec<_>>(),
            "invoices": self.invoices.iter().map(|i| self.invoice(i)).collect::<Vec<_>>(),
            "payments": self.payments.iter().map(|p| self.payment(p)).collect::<Vec<_>>(), "bad_rows": bad })
    }

    fn show(&self, bad: &[&BadRow]) {
        let customers = self.customers.iter().map(|c| ("customer", self.customer(c)));
        let invoices = self.invoices.iter().map(|i| ("invoice", self.invoice(i)));
        let payments = self.payments.iter().map(|p| ("payment", self.payment(p)));
        for (set, value) in customers.chain(invoices).chain(payments) {
            if let Value::Object(row) = value {
                show_row(set, &row);
            }
        }
        bad.iter().for_each(|b| output::remark(&format!("left out: {b}")));
    }
}

/// A row, a column a line; what is empty is left away.
fn show_row(set: &str, row: &Map<String, Value>) {
    let from = row.get("from").and_then(Value::as_str).map(|f| format!(", from {f}")).unwrap_or_default();
    let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
    output::heading(&format!("{set} {id}{from}"));
    let width = row.keys().map(String::len).max().unwrap_or_default();
    for (column, value) in row.iter().filter(|(column, _)| !["id", "from"].contains(&column.as_str())) {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Array(list) => {
                list.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ")
            }
            Value::Object(map) => {
                map.iter().map(|(k, v)| format!("{k} = {}", v.as_str().unwrap_or_default())).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        if !text.is_empty() {
            output::line(format!("  {column:width$}  {}", output::visible(&text).replace('\n', " ")));
        }
    }
    output::line("");
}
