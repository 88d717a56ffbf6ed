//! The morning's digests: written once a day, whoever of several daemons is first, and sent as they were written.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::deliver::{self, Delivered};
use super::excerpt::LastRead;
use super::forewarn;
use super::office::Office;
use super::prepare::{self, Prepared};
use super::shift::Shift;
use super::stop::Stop;
use crate::contacts::claim;
use crate::contacts::digest::{self, Letter, WORD};
use crate::contacts::outbox::Intent;
use crate::contacts::queue::Queue;
use crate::contacts::{Entry, Journal, control, pack};
use crate::database::{DatabaseError, Tx};
use crate::digest::gather;
use crate::ledger::copy::Copied;
use crate::message::digest::Digest;
use crate::message::{self, Headers, Mailbox, Message, Rendered};
use crate::timetable::calendar;

/// Whether a contact is a digest.
pub(super) fn is_one(contact: &Entry) -> bool {
    contact.merged_as == WORD
}

/// Writes the digests if their hour has come and nobody has written them today, and sends what is written and not sent.
///
/// # Errors
/// The own database's.
pub async fn pass(shift: &Shift, stop: &Stop) -> Result<Delivered, DatabaseError> {
    let office = &shift.office;
    let (now, today, _) = office.present();
    let (_, time) = calendar::local(office.timetable.time_zone, now);
    let its_hour = office.digest.as_ref().is_some_and(|d| time >= d.at && office.timetable.calendar.is_business_day(today));
    if !its_hour || shift.lease.is_fenced() {
        return Ok(Delivered::default());
    }
    let mut problems = Vec::new();
    let written = digest::is_written(&mut office.db.snapshot().await?, today).await?;
    if !written {
        problems = write(shift, today, now).await?;
    }
    if !claim::is_waiting(&mut office.db.snapshot().await?, Queue::Digests, now).await? {
        return Ok(Delivered { problems, ..Delivered::default() });
    }
    // They are of no invoice: nothing is asked of the ledger any more (T26).
    let mut read = Arc::new(LastRead::new(now, today, None, Some(Copied::empty())));
    let mut delivered = deliver::deliver_queue(shift, &mut read, Queue::Digests, stop).await?;
    delivered.problems.splice(0..0, problems);
    Ok(delivered)
}

/// Writes those of today. Says what went wrong with some of them.
async fn write(shift: &Shift, today: NaiveDate, now: DateTime<Utc>) -> Result<Vec<String>, DatabaseError> {
    let office = &shift.office;
    let Some(settings) = &office.digest else { return Ok(Vec::new()) };
    let mut gathered = gather::gather(&office.db, &office.source, &office.timetable, today, today, now).await?;
    gathered.drafts = forewarn::drafts(office, &gathered.waiting).await?;
    let (mut letters, mut problems, mut ids) = (Vec::new(), Vec::new(), ulid::Generator::new());
    let controls = control::in_force(&mut office.db.snapshot().await?).await?;
    for one in gathered.readers(settings, &office.company) {
        let at = std::time::SystemTime::from(now);
        let id = ids.generate_from_datetime(at).unwrap_or_else(|_| ulid::Ulid::from_datetime(at)).to_string();
        match letter(office, &one, &id, now) {
            Ok((message, _)) if message.recipients.iter().any(|a| controls.is_suppressed(a)) => {
                problems.push(format!("the digest does not go to {}: the address is suppressed", one.recipient));
            }
            Ok((message, rendered)) => letters.push(Letter {
                id,
                to: one.recipient,
                language: rendered.language,
                message_id: message.message_id.clone(),
                sha256: message.sha256(),
                bytes: message.bytes,
            }),
            Err(problem) => problems.push(format!("the digest of {} cannot be written: {problem}", one.recipient)),
        }
    }
    let mut tx = office.db.begin().await?;
    let mut journal = Journal::default();
    if digest::write(&mut tx, &mut journal, today, &letters, now).await? {
        let head = journal.write(&mut tx, now).await?;
        tx.commit().await?;
        shift.mark.note(&head, now);
        tracing::info!(digests = letters.len(), "the morning's digests were written");
    }
    Ok(problems)
}

/// A digest as a message.
///
/// # Errors
/// A sentence that names the template and the place, or what is wrong with the message.
pub fn letter(office: &Office, one: &Digest, id: &str, now: DateTime<Utc>) -> Result<(Message, Rendered), String> {
    let rendered = office.renderer.digest(&office.default_language, one).map_err(|e| e.to_string())?;
    let company = &office.company;
    let to = crate::address::EmailAddress::parse(&one.recipient)?;
    let headers = Headers {
        message_id: message::message_id(id, &prepare::random(), company.from.address.domain()),
        date: now.with_timezone(&office.timetable.time_zone).fixed_offset(),
        contact: id.to_owned(),
        from: company.from.clone(),
        sender: company.sender_of(id),
        reply_to: company.reply_to.clone(),
        to: vec![Mailbox::from(to)],
        cc: Vec::new(),
        list_unsubscribe: None,
        in_reply_to: None,
        references: Vec::new(),
        attachments: Vec::new(),
    };
    Ok((prepare::built(office, &rendered, &headers)?, rendered))
}

/// The last look at a digest that waits: that of another day is stale.
pub(super) async fn prepare(
    tx: &mut Tx,
    office: &Office,
    contact: &Entry,
    now: DateTime<Utc>,
) -> Result<Prepared, DatabaseError> {
    let today = calendar::local(office.timetable.time_zone, now).0;
    if contact.date != today {
        return Ok(Prepared::Cancel { reason: "of another day" });
    }
    let id = contact.contact.clone().unwrap_or_default();
    let Some(bytes) = pack::message(tx, &id).await? else {
        return Ok(Prepared::Fail { reason: "its bytes are not there any more".to_owned() });
    };
    Ok(match prepare::again(office, contact, bytes) {
        Ok((message, language, to, _)) => {
            let intent = Intent {
                contact: id,
                date: contact.date,
                message_id: message.message_id.clone(),
                sha256: message.sha256(),
                to: to.iter().map(ToString::to_string).collect(),
                cc: Vec::new(),
                language,
                covered: Vec::new(),
                taken_out: Vec::new(),
                action: contact.action.clone(),
                customer: String::new(),
                segment: String::new(),
            };
            Prepared::Send { intent: Box::new(intent), message: Arc::new(message) }
        }
        Err(reason) => Prepared::Fail { reason },
    })
}
