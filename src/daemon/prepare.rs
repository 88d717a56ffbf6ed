//! The last look before a contact leaves (T26), and its message.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::excerpt::Excerpt;
use super::knowledge::Knowledge;
use super::office::Office;
use super::{claims, shared};
use crate::address::EmailAddress;
use crate::contacts::State;
use crate::contacts::entry::{self, Entry};
use crate::contacts::outbox::{FreshInvoice, Intent};
use crate::contacts::past::Past;
use crate::ledger::Invoice;
use crate::message::attach::{Attachment, Wanted};
use crate::message::{self, Headers, Mailbox, Message, Rendered, letter};
use crate::plan::Kind;
use crate::plan::last_look::stops_now;
use crate::timetable::evaluate::Day;
use crate::timetable::stops::Account;
use crate::timetable::{Action, Step};

/// What is to be done with a contact that waits.
#[derive(Debug)]
pub enum Prepared {
    Send {
        intent: Box<Intent>,
        message: Arc<Message>,
    },
    /// Nothing of it is left to be said (T26), or its window has closed (T5).
    Cancel {
        reason: &'static str,
    },
    /// It cannot be written; the others go on (D10).
    Fail {
        reason: String,
    },
}

/// Prepares a contact: what stops it now is taken out; the rest is rendered. `known`: what people say
/// now, and what follow-ups have to know (T33); `past`: what the log has about its invoices; `kept`: the bytes that leave again out of doubt, if something of it is still to be said (D2).
#[must_use]
pub fn prepare(
    office: &Office,
    contact: &Entry,
    read: &Excerpt,
    known: &Knowledge,
    past: &HashMap<String, Vec<Past>>,
    kept: Option<Vec<u8>>,
    now: DateTime<Utc>,
) -> Prepared {
    let day = known.day(&office.timetable, &read.snapshot, read.day);
    let accounts = accounts(&day, contact, read);
    let (mut left, mut taken_out, mut reason) = (Vec::new(), Vec::new(), "gone");
    for covered in &contact.invoices {
        let stop = match (read.snapshot.invoices.get(&covered.id), accounts.get(covered.customer.as_str())) {
            (_, Some(account)) if shared::is_elsewhere(contact, account) => Err("address"),
            (Some(invoice), Some(account)) if invoice.customer_id == covered.customer => {
                let event = office.timetable.step(&covered.step).and_then(Step::event);
                let one = (covered.step.as_str(), covered.occurrence);
                stops_now(&day, account, invoice, contact.kind, event, covered.days, one).map_or(Ok(invoice), |s| Err(s.word()))
            }
            _ => Err("gone"),
        };
        match stop {
            Ok(invoice) => left.push((covered, invoice)),
            Err(word) => {
                reason = word;
                taken_out.push((covered.id.clone(), covered.step.clone(), covered.occurrence));
            }
        }
    }
    let Some((lead, _)) = left.first() else { return Prepared::Cancel { reason } };
    let Some(account) = accounts.get(lead.customer.as_str()) else { return Prepared::Cancel { reason: "gone" } };
    let earlier = past.get(&lead.id).map_or(&[][..], Vec::as_slice);
    let contact = &led_by(office, contact, lead, account);
    let written = match kept {
        Some(bytes) => again(office, contact, bytes),
        None => write(office, contact, account, &left, read, earlier, now),
    };
    match written {
        Ok((message, language, to, cc)) => {
            let fresh = |(covered, i): &(&entry::EntryInvoice, &Invoice)| {
                let fresh = FreshInvoice {
                    invoice: i.id.clone(),
                    days_past_due: i.days_past_due(read.day),
                    open_balance: i.open_balance.max(Decimal::ZERO),
                    due_date: i.due_date,
                };
                let same = covered.days_past_due == fresh.days_past_due
                    && covered.due_date == fresh.due_date
                    && covered.open_balance == i.currency.plain(fresh.open_balance);
                (!same).then_some(fresh)
            };
            let intent = Intent {
                contact: contact.contact.clone().unwrap_or_default(),
                date: read.day,
                message_id: message.message_id.clone(),
                sha256: message.sha256(),
                to: to.iter().map(ToString::to_string).collect(),
                cc: cc.iter().map(ToString::to_string).collect(),
                language,
                covered: left.iter().filter_map(fresh).collect(),
                taken_out,
                action: contact.action.clone(),
                customer: contact.customer.clone(),
                segment: contact.segment.clone(),
            };
            Prepared::Send { intent: Box::new(intent), message: Arc::new(message) }
        }
        Err(reason) => Prepared::Fail { reason },
    }
}

pub(super) fn accounts<'a>(day: &'a Day<'a>, contact: &'a Entry, read: &'a Excerpt) -> HashMap<&'a str, Account<'a>> {
    let of = |id: &'a str| {
        let customer = read.snapshot.customers.get(id)?;
        Some((id, day.account(customer, &read.invoices_of(id), &read.unallocated)))
    };
    contact.invoices.iter().map(|i| i.customer.as_str()).collect::<BTreeSet<_>>().into_iter().filter_map(of).collect()
}

/// The contact as the first of what is left leads it: its step's template is used (T22).
fn led_by(office: &Office, contact: &Entry, lead: &entry::EntryInvoice, account: &Account<'_>) -> Entry {
    let mut led = contact.clone();
    // The same customer keeps the segment of the plan, which knew since when it has been one (T6).
    if lead.customer != contact.customer {
        (led.customer, led.segment) = (lead.customer.clone(), account.segment.to_owned());
    }
    if (lead.step.as_str(), lead.occurrence) != (contact.step.as_str(), contact.occurrence) {
        (led.step, led.occurrence) = (lead.step.clone(), lead.occurrence);
        if let Some(Action::Email { template } | Action::Notice { template, .. }) =
            office.timetable.step(&lead.step).map(|s| &s.action)
        {
            led.action.clone_from(template);
        }
    }
    led
}

/// What may have been accepted once leaves as it was: the same bytes, the same Message-ID, the same recipients (D2).
pub(super) fn again(office: &Office, contact: &Entry, bytes: Vec<u8>) -> Result<Written, String> {
    let parse = |list: &[String]| list.iter().filter_map(|a| EmailAddress::parse(a).ok()).collect::<Vec<_>>();
    let (to, cc) = (parse(&contact.to), parse(&contact.cc));
    let message_id = contact.message_id.clone().ok_or("it has no Message-ID to be sent again under")?;
    let id = contact.contact.clone().unwrap_or_default();
    let sender = office.company.sender_of(&id);
    let recipients = to.iter().chain(&cc).cloned().collect();
    let message = Message { contact: id, message_id, sender, recipients, bytes };
    Ok((message, contact.language.clone().unwrap_or_default(), to, cc))
}

pub(super) type Written = (Message, String, Vec<EmailAddress>, Vec<EmailAddress>);

fn write(
    office: &Office,
    contact: &Entry,
    account: &Account<'_>,
    left: &[(&entry::EntryInvoice, &Invoice)],
    read: &Excerpt,
    earlier: &[Past],
    now: DateTime<Utc>,
) -> Result<Written, String> {
    let rendered = draft(office, contact, account, left, read, earlier, None)?;
    let (to, cc) = recipients(contact, account);
    let message = envelope(office, contact, account, left, &rendered, &thread(contact, account, earlier), now)?;
    Ok((message, rendered.language, to, cc))
}

/// Renders a contact, in its language or another one.
///
/// # Errors
/// A sentence that names the template and the place.
pub fn draft(
    office: &Office,
    contact: &Entry,
    account: &Account<'_>,
    left: &[(&entry::EntryInvoice, &Invoice)],
    read: &Excerpt,
    earlier: &[Past],
    language: Option<&str>,
) -> Result<Rendered, String> {
    let own = if contact.kind == Kind::Email { account.language.as_deref() } else { None };
    let language = language.or(own).unwrap_or(&office.default_language);
    let customer = account.customer;
    let invoices = shared::invoices_of_all(read, left);
    let (company, today, pay_by) = (&office.company, read.day, office.timetable.pay_by(&contact.step, read.day));
    let claim = |invoice: &Invoice| claims::of(office, contact, read, invoice);
    let context =
        letter::context(contact, left, customer, &invoices, &read.snapshot, earlier, company, language, today, pay_by, &claim);
    office.renderer.render(&contact.action, language, &context).map_err(|e| e.to_string())
}

/// An e-mail goes to the customer as the ledger and the file have it now; a notice to whom it was planned for.
fn recipients(contact: &Entry, account: &Account<'_>) -> (Vec<EmailAddress>, Vec<EmailAddress>) {
    match contact.kind {
        Kind::Email => (account.to.clone(), account.cc.iter().filter(|a| !account.to.contains(a)).cloned().collect()),
        _ => (contact.to.iter().filter_map(|a| EmailAddress::parse(a).ok()).collect(), Vec::new()),
    }
}

/// The Message-IDs of the e-mails to this customer about the lead that have left, oldest first: the reminders thread
/// (D11). A notice begins a thread of its own.
#[must_use]
pub fn thread(contact: &Entry, account: &Account<'_>, earlier: &[Past]) -> Vec<String> {
    let left = |p: &&Past| {
        p.kind == Kind::Email.word() && p.customer == account.customer.id && matches!(p.state, State::Sent | State::InDoubt)
    };
    let ids = earlier.iter().filter(left).filter_map(|p| p.message_id.clone());
    if contact.kind == Kind::Email { ids.collect() } else { Vec::new() }
}

/// The documents of the invoices whose steps attach them; of several steps about an invoice, one is enough (D11).
fn documents(office: &Office, contact: &Entry, left: &[(&entry::EntryInvoice, &Invoice)]) -> Result<Vec<Attachment>, String> {
    if contact.kind != Kind::Email {
        return Ok(Vec::new());
    }
    let attaches = |step: &str| office.timetable.step(step).is_some_and(Step::attaches);
    let wanted: Vec<Wanted<'_>> = left
        .iter()
        .filter(|(covered, _)| attaches(&covered.step))
        .filter_map(|(_, invoice)| Some(Wanted { number: &invoice.number, path: invoice.document_path.as_deref()? }))
        .collect();
    let attached = office.attachments.attach(&wanted)?;
    for sentence in &attached.left_out {
        tracing::warn!(contact = contact.contact.as_deref().unwrap_or("preview"), "sent without a document: {sentence}");
    }
    Ok(attached.files)
}

/// Puts the headers on, the documents in, and signs it all (D11).
///
/// # Errors
/// A sentence.
pub fn envelope(
    office: &Office,
    contact: &Entry,
    account: &Account<'_>,
    left: &[(&entry::EntryInvoice, &Invoice)],
    rendered: &Rendered,
    thread: &[String],
    now: DateTime<Utc>,
) -> Result<Message, String> {
    let customer = account.customer;
    let (to, cc) = recipients(contact, account);
    let named = |address: &EmailAddress| match contact.kind {
        Kind::Email => Mailbox::new(&customer.name, address.clone()),
        _ => Mailbox::from(address.clone()),
    };
    let (company, id) = (&office.company, contact.contact.as_deref().unwrap_or("preview"));
    let headers = Headers {
        // Made once for a contact and kept for every try (D11).
        message_id: contact
            .message_id
            .clone()
            .unwrap_or_else(|| message::message_id(id, &random(), company.from.address.domain())),
        date: now.with_timezone(&office.timetable.time_zone).fixed_offset(),
        contact: id.to_owned(),
        from: company.from.clone(),
        sender: company.sender_of(id),
        reply_to: customer.collector.clone().or_else(|| company.reply_to.clone()),
        to: to.iter().map(named).collect(),
        cc: cc.iter().map(named).collect(),
        // A colleague's notice is not what a customer could ask to have no more of.
        list_unsubscribe: company.list_unsubscribe.as_ref().filter(|_| contact.kind == Kind::Email).map(|l| l.of(id)),
        in_reply_to: thread.first().cloned(),
        references: thread.iter().take(1).chain(thread.iter().skip(1).rev().take(9).rev()).cloned().collect(),
        attachments: documents(office, contact, left)?,
    };
    built(office, rendered, &headers)
}

/// Puts a message together, and signs it.
pub(super) fn built(office: &Office, rendered: &Rendered, headers: &Headers) -> Result<Message, String> {
    let message = message::build(rendered, headers).map_err(|e| e.to_string())?;
    match &office.signer {
        Some(signer) => signer.sign(message),
        None => Ok(message),
    }
}

pub(super) fn random() -> String {
    format!("{:08x}", ulid::Ulid::new().random() & 0xffff_ffff)
}
