//! A contact as the log has it, and as every command shows it (`spec: JSON`).

mod rows;

use chrono::NaiveDate;

use super::State;
use super::forewarned::ToldOf;
use crate::database::{DatabaseError, Tx, Val};
use crate::money::Currency;
use crate::plan::{Covered, Kind, Planned};
use rows::{COLUMNS, COVERED, entry, invoice};

/// One contact.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Entry {
    /// `None` before it is in the log (`plan`).
    pub contact: Option<String>,
    pub kind: Kind,
    /// The template of an e-mail or a notice, the word of a task.
    pub action: String,
    pub step: String,
    pub occurrence: u32,
    pub date: NaiveDate,
    pub state: State,
    pub reason: Option<String>,
    pub rule: String,
    pub customer: String,
    pub segment: String,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub language: Option<String>,
    pub lead: String,
    pub invoices: Vec<EntryInvoice>,
    pub message_id: Option<String>,
    /// The relay's own, where it puts one in (D11).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay_message_id: Option<String>,
    pub attempts: u32,
    pub relay_reply: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The day by which a task is to be done; `None`: the day on which it appeared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// Since when it waits for a person's word (T34).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_on: Option<NaiveDate>,
    /// Whose word it waits for: the customer's collector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks: Option<String>,
    /// It waits, and silence lets it leave (T34).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub veto: bool,
    /// Who was told that it does, and from when on.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub told: Option<ToldOf>,
    /// Who has approved it; read where it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// What came of a task that is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The contact that a task follows from: it is about the same invoices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Which e-mails it is merged with: not shown.
    #[serde(skip)]
    pub merged_as: String,
    /// Out of doubt, the same bytes are to leave again (D2): not shown.
    #[serde(skip)]
    pub resend: bool,
}

/// One invoice that a contact covers.
#[derive(Debug, Clone, serde::Serialize)]
pub struct EntryInvoice {
    pub id: String,
    pub customer: String,
    pub step: String,
    pub occurrence: u32,
    pub days: Option<i64>,
    pub days_past_due: i64,
    pub open_balance: String,
    pub currency: Currency,
    pub due_date: NaiveDate,
    #[serde(skip)]
    pub round: u32,
}

impl EntryInvoice {
    fn of(covered: &Covered) -> Self {
        Self {
            id: covered.invoice.clone(),
            customer: covered.customer.clone(),
            step: covered.step.clone(),
            occurrence: covered.occurrence,
            days: covered.days,
            days_past_due: covered.days_past_due,
            open_balance: covered.currency.plain(covered.open_balance),
            currency: covered.currency,
            due_date: covered.due_date,
            round: covered.round,
        }
    }
}

impl Entry {
    /// The state of a contact that is not in the log yet.
    #[must_use]
    pub fn state_of(planned: &Planned) -> State {
        match (planned.reason, planned.kind) {
            (Some(_), _) => State::Skipped,
            (None, Kind::Task) => State::Open,
            (None, _) => State::Planned,
        }
    }

    /// A contact that is not in the log yet, in the state it would have.
    #[must_use]
    pub fn of_plan(planned: &Planned) -> Self {
        Self {
            contact: None,
            kind: planned.kind,
            action: planned.action.clone(),
            step: planned.step.clone(),
            occurrence: planned.occurrence,
            date: planned.date,
            state: Self::state_of(planned),
            reason: planned.reason.or(planned.asked.is_some().then_some(super::approval::WAITS)).map(str::to_owned),
            rule: if planned.asked.is_some() { "T34" } else { planned.rule }.to_owned(),
            customer: planned.customer.clone(),
            segment: planned.segment.clone(),
            to: planned.to.iter().map(ToString::to_string).collect(),
            cc: planned.cc.iter().map(ToString::to_string).collect(),
            language: planned.language.clone(),
            lead: planned.lead().to_owned(),
            invoices: planned.covered.iter().map(EntryInvoice::of).collect(),
            message_id: None,
            relay_message_id: None,
            attempts: 0,
            relay_reply: None,
            not_before: None,
            snoozed_until: None,
            note: None,
            due_on: None,
            asked_on: planned.asked.as_ref().map(|a| a.since),
            asks: planned.asked.as_ref().and_then(|a| a.whom.as_ref()).map(ToString::to_string),
            veto: super::record::is_veto(planned),
            told: planned.asked.as_ref().and_then(|a| a.veto.as_ref()?.told.clone()).map(Into::into),
            approved_by: planned.unopposed.as_ref().map(super::approval::nobody),
            result: None,
            origin: None,
            merged_as: super::record::merged_as(planned.group).to_owned(),
            resend: false,
        }
    }
}

/// What to show of the log.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only these ids.
    pub contacts: Option<Vec<String>>,
    pub customer: Option<String>,
    pub invoice: Option<String>,
    pub since: Option<NaiveDate>,
    pub states: Vec<State>,
    pub kinds: Vec<Kind>,
}

/// The contacts that a filter lets through, in the order in which they were made.
///
/// # Errors
/// The database's own.
pub async fn list(tx: &mut Tx, filter: &Filter) -> Result<Vec<Entry>, DatabaseError> {
    let (mut wanted, mut values): (Vec<String>, Vec<Val>) = (vec!["1 = 1".to_owned()], Vec::new());
    let mut add = |sql: &str, value: Val| {
        values.push(value);
        wanted.push(sql.replace("$?", &format!("${}", values.len())));
    };
    if let Some(ids) = &filter.contacts {
        add("c.id IN ($?[])", words(ids.iter().map(String::as_str)));
    }
    if let Some(customer) = &filter.customer {
        add("(c.customer = $? OR c.id IN (SELECT contact FROM contact_invoice WHERE customer = $?))", customer.into());
    }
    if let Some(invoice) = &filter.invoice {
        let about = "SELECT contact FROM contact_invoice WHERE invoice = $?
                     UNION SELECT id FROM contact WHERE lead = $? AND kind = 'task'";
        add(&format!("c.id IN ({about} UNION SELECT id FROM contact WHERE origin IN ({about}))"), invoice.into());
    }
    if let Some(since) = filter.since {
        add("c.date >= $?", since.into());
    }
    if !filter.states.is_empty() {
        add("c.state IN ($?[])", words(filter.states.iter().map(|s| s.word())));
    }
    if !filter.kinds.is_empty() {
        add("c.kind IN ($?[])", words(filter.kinds.iter().map(|k| k.word())));
    }
    let wanted = wanted.join(" AND ");
    let rows = tx.many(COLUMNS, &format!("contact c WHERE {wanted}"), values.clone()).await?;
    let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    entries.sort_by(|a, b| a.contact.cmp(&b.contact));
    let from = format!(
        "contact c JOIN contact_invoice i ON i.contact = coalesce(c.origin, c.id)
         WHERE {wanted} AND (i.standing <> 'gone' OR c.state = 'cancelled')"
    );
    let covered = tx.many(COVERED, &from, values).await?;
    let covered = covered.iter().map(|row| Ok((row.text("owner")?, row.int("position")?, invoice(row)?)));
    let mut covered = covered.collect::<Result<Vec<_>, DatabaseError>>()?;
    covered.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut covered = covered.into_iter().peekable();
    for entry in &mut entries {
        while let Some((_, _, invoice)) = covered.next_if(|(owner, ..)| Some(owner) == entry.contact.as_ref()) {
            entry.invoices.push(invoice);
        }
    }
    super::forewarned::tell(tx, &mut entries).await?;
    Ok(entries)
}

fn words<'a>(words: impl Iterator<Item = &'a str>) -> Val {
    serde_json::Value::from_iter(words).to_string().into()
}
