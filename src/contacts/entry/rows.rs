//! A contact and what it covers, as the rows of the log have them.

use super::{Entry, EntryInvoice};
use crate::contacts::State;
use crate::database::{DatabaseError, Row, inconsistent};
use crate::money::Currency;
use crate::plan::Kind;

pub(super) const COLUMNS: &[&str] = &[
    "id",
    "kind",
    "action",
    "step",
    "occurrence",
    "date",
    "state",
    "reason",
    "rule",
    "customer",
    "segment",
    "recipients",
    "cc",
    "language",
    "lead",
    "message_id",
    "relay_message_id",
    "attempts",
    "relay_reply",
    "not_before",
    "snoozed_until",
    "note",
    "due_on",
    "asked_on",
    "asks",
    "veto",
    "result",
    "origin",
    "merged_as",
    "resend",
];

pub(super) fn entry(row: &Row) -> Result<Entry, DatabaseError> {
    let kind = row.text("kind")?;
    let state: State = row.parsed("state", "a state")?;
    let waits = state == State::Planned;
    Ok(Entry {
        contact: Some(row.text("id")?),
        kind: Kind::from_word(&kind).ok_or_else(|| inconsistent("kind", kind, "a kind of contact"))?,
        action: row.text("action")?,
        step: row.text("step")?,
        occurrence: row.count("occurrence")?,
        date: row.date("date")?,
        state,
        reason: row.opt_text("reason")?,
        // What waits for a word goes by that, whatever it was planned by.
        rule: if waits { "T34".to_owned() } else { row.text("rule")? },
        customer: row.text("customer")?,
        segment: row.text("segment")?,
        to: row.json("recipients")?,
        cc: row.json("cc")?,
        language: row.opt_text("language")?,
        lead: row.text("lead")?,
        invoices: Vec::new(),
        message_id: row.opt_text("message_id")?,
        relay_message_id: row.opt_text("relay_message_id")?,
        attempts: row.count("attempts")?,
        relay_reply: row.opt_text("relay_reply")?,
        not_before: row.opt_text("not_before")?,
        snoozed_until: row.opt_date("snoozed_until")?,
        note: row.opt_text("note")?,
        due_on: row.opt_date("due_on")?,
        asked_on: row.opt_date("asked_on")?.filter(|_| waits),
        asks: row.opt_text("asks")?.filter(|_| waits),
        veto: row.flag("veto")? && waits,
        told: None,
        approved_by: None,
        result: row.opt_text("result")?,
        origin: row.opt_text("origin")?,
        merged_as: row.text("merged_as")?,
        resend: row.flag("resend")?,
    })
}

pub(super) const COVERED: &[&str] = &[
    "c.id AS owner",
    "i.position",
    "i.invoice",
    "i.customer",
    "i.step",
    "i.occurrence",
    "i.days",
    "i.days_past_due",
    "i.open_balance",
    "i.currency",
    "i.due_date",
    "i.round",
];

pub(super) fn invoice(row: &Row) -> Result<EntryInvoice, DatabaseError> {
    let currency: Currency = row.parsed("currency", "a currency")?;
    Ok(EntryInvoice {
        id: row.text("invoice")?,
        customer: row.text("customer")?,
        step: row.text("step")?,
        occurrence: row.count("occurrence")?,
        days: row.opt_int("days")?,
        days_past_due: row.int("days_past_due")?,
        open_balance: currency.plain(row.amount("open_balance")?),
        currency,
        due_date: row.date("due_date")?,
        round: row.count("round")?,
    })
}
