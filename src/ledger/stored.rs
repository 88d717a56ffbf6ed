//! How the rows of the three sets lie in the tables of the own ledger.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::model::{Customer, Payment};
use super::record::Fault;
use super::rows::{InvoiceRow, LedgerRow};
use super::validate::{self, Identity};
use crate::database::{Column, Val, int, text};
use crate::vals;

/// A row of a set, on its way into its table.
pub(super) trait Stored: LedgerRow + Send + 'static {
    /// The table, its columns (the last two say where a row comes from), and what happens to rows that a replacing file no
    /// longer names (L5).
    const TABLE: &'static str;
    const COLUMNS: &'static [Column];
    const GONE: &'static str;
    /// What the triggers of an SQLite table do for its rows, for all of them at once.
    const WAKE: &'static str;

    fn id(&self) -> &str;
    /// Whose it is, of what is not a customer itself.
    fn customer(&self) -> Option<&str>;
    /// The ids of invoices whose identity [`Stored::check`] asks for.
    fn asks_for(&self) -> Vec<&str>;
    fn check(&self, customer_is_known: bool, known: &Known) -> Result<(), Fault>;
    /// The values in the order of the columns, but for the last two.
    fn values(&self) -> Vec<Val>;
}

/// What is in the ledger already: rows of the same table, and invoices.
#[derive(Default)]
pub(super) struct Known {
    pub same: HashMap<String, Identity>,
    pub invoices: HashMap<String, Identity>,
}

fn extra(columns: &BTreeMap<String, String>) -> String {
    if columns.is_empty() { "{}".to_owned() } else { json!(columns).to_string() }
}

impl Stored for Customer {
    const TABLE: &'static str = "ledger_customer";
    const COLUMNS: &'static [Column] = &[
        text("id"),
        text("name"),
        text("email"),
        text("cc"),
        text("language"),
        text("country"),
        text("segment"),
        text("rank"),
        text("phone"),
        text("account_manager"),
        text("collector"),
        int("do_not_contact"),
        text("credit_limit"),
        text("unallocated_credit"),
        text("extra"),
        text("source"),
        text("origin"),
    ];
    const GONE: &'static str = "DELETE FROM ledger_customer WHERE id NOT IN (SELECT id FROM named)";
    const WAKE: &'static str = "INSERT INTO wake (customer) SELECT id FROM ledger_customer";

    fn id(&self) -> &str {
        &self.id
    }

    fn customer(&self) -> Option<&str> {
        None
    }

    fn asks_for(&self) -> Vec<&str> {
        Vec::new()
    }

    fn check(&self, _: bool, _: &Known) -> Result<(), Fault> {
        Ok(())
    }

    fn values(&self) -> Vec<Val> {
        // Unusable addresses are kept as written, so that `check` can name them.
        let list = |good: &[crate::address::EmailAddress]| good.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut email = list(&self.email);
        email.extend(self.unusable_addresses.iter().map(|(text, _)| text.clone()));
        vals![
            &self.id,
            &self.name,
            email.join(", "),
            list(&self.cc).join(", "),
            &self.language,
            &self.country,
            &self.segment,
            &self.rank,
            &self.phone,
            self.account_manager.as_ref().map(ToString::to_string),
            self.collector.as_ref().map(ToString::to_string),
            self.do_not_contact,
            self.credit_limit,
            self.unallocated_credit,
            extra(&self.extra)
        ]
    }
}

impl Stored for InvoiceRow {
    const TABLE: &'static str = "ledger_invoice";
    const COLUMNS: &'static [Column] = &[
        text("id"),
        text("number"),
        text("customer_id"),
        text("issue_date"),
        text("due_date"),
        text("currency"),
        text("total"),
        text("open_balance"),
        text("status"),
        int("disputed"),
        text("po_number"),
        text("payment_url"),
        text("document_path"),
        text("extra"),
        text("source"),
        text("origin"),
    ];
    const GONE: &'static str =
        "UPDATE ledger_invoice SET status = 'void' WHERE status <> 'void' AND id NOT IN (SELECT id FROM named)";
    const WAKE: &'static str = "INSERT INTO wake (customer) SELECT DISTINCT customer_id FROM ledger_invoice";

    fn id(&self) -> &str {
        &self.id
    }

    fn customer(&self) -> Option<&str> {
        Some(&self.customer_id)
    }

    fn asks_for(&self) -> Vec<&str> {
        Vec::new()
    }

    fn check(&self, customer_is_known: bool, known: &Known) -> Result<(), Fault> {
        validate::invoice(self, customer_is_known, known.same.get(&self.id))
    }

    fn values(&self) -> Vec<Val> {
        vals![
            &self.id,
            &self.number,
            &self.customer_id,
            self.issue_date,
            self.due_date,
            self.currency.to_string(),
            self.total,
            self.open_balance,
            self.status.word(),
            self.disputed,
            &self.po_number,
            &self.payment_url,
            &self.document_path,
            extra(&self.extra)
        ]
    }
}

impl Stored for Payment {
    const TABLE: &'static str = "ledger_payment";
    const COLUMNS: &'static [Column] = &[
        text("id"),
        text("customer_id"),
        text("invoice_id"),
        text("received_on"),
        text("amount"),
        text("currency"),
        text("source"),
        text("origin"),
    ];
    const GONE: &'static str = "DELETE FROM ledger_payment WHERE id NOT IN (SELECT id FROM named)";
    const WAKE: &'static str = "INSERT INTO wake (customer) SELECT customer_id FROM ledger_payment
        UNION SELECT i.customer_id FROM ledger_payment p JOIN ledger_invoice i ON i.id = p.invoice_id";

    fn id(&self) -> &str {
        &self.id
    }

    fn customer(&self) -> Option<&str> {
        Some(&self.customer_id)
    }

    fn asks_for(&self) -> Vec<&str> {
        self.invoice_id.as_deref().into_iter().collect()
    }

    fn check(&self, customer_is_known: bool, known: &Known) -> Result<(), Fault> {
        let invoice = self.invoice_id.as_ref().and_then(|id| known.invoices.get(id));
        validate::payment(self, customer_is_known, invoice, known.same.get(&self.id))
    }

    fn values(&self) -> Vec<Val> {
        vals![&self.id, &self.customer_id, &self.invoice_id, self.received_on, self.amount, self.currency.to_string()]
    }
}

/// Inserts rows; those that are there already are changed only where they differ, so that the count of changed rows is
/// true. `keeps`: what is empty in the new row stays as it was. The profile that owns a row goes on owning it: what it names no
/// longer must close (L5). Where a row has come from is noted when it changes.
pub(super) fn upsert(table: &str, columns: &[Column], keeps: bool) -> String {
    let names: Vec<&str> = columns.iter().map(Column::name).collect();
    let values: Vec<String> = names.iter().map(|c| format!("r.{c}")).collect();
    let next = |c: &str| match c {
        "source" => format!("COALESCE(excluded.{c}, {table}.{c})"),
        "do_not_contact" if keeps => format!("CASE WHEN excluded.{c} = 0 THEN {table}.{c} ELSE excluded.{c} END"),
        c if keeps && c != "origin" => {
            format!("CASE WHEN COALESCE(excluded.{c}, '') IN ('', '0', '{{}}') THEN {table}.{c} ELSE excluded.{c} END")
        }
        c => format!("excluded.{c}"),
    };
    let sets: Vec<String> = names[1..].iter().map(|c| format!("{c} = {}", next(c))).collect();
    let compared = names[1..].iter().filter(|c| **c != "origin");
    let differs: Vec<String> = compared.map(|c| format!("{table}.{c} IS DISTINCT FROM {}", next(c))).collect();
    format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {{rows}} r WHERE true ON CONFLICT (id) DO UPDATE SET {} WHERE {}",
        names.join(", "),
        values.join(", "),
        sets.join(", "),
        differs.join(" OR ")
    )
}
