//! The e-mails to colleagues with an hour of their own: the morning's digests, and the forewarnings of what waits for approval
//! (T34). They are written once a day, whoever of several daemons is first, and sent as they were written.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::deliver::{self, Delivered};
use super::excerpt::LastRead;
use super::forewarn;
use super::office::Office;
use super::prepare::{self, Prepared};
use super::shift::Shift;
use super::stop::Stop;
use crate::contacts::digest::{self, Letter, Mailing};
use crate::contacts::forewarned::Named;
use crate::contacts::outbox::Intent;
use crate::contacts::queue::Queue;
use crate::contacts::{Entry, Journal, approval, claim, control, pack};
use crate::database::{DatabaseError, Tx};
use crate::digest::gather;
use crate::ledger::copy::Copied;
use crate::message::{self, Headers, Mailbox, Message, Rendered};
use crate::timetable::calendar;

/// Whether a contact is one of them.
pub(super) fn is_one(contact: &Entry) -> bool {
    Mailing::of(&contact.merged_as).is_some()
}

/// The hour from which they are written on a business day; `None`: there are none.
fn hour(office: &Office, mailing: Mailing) -> Option<NaiveTime> {
    match mailing {
        Mailing::Digest => office.digest.as_ref().map(|d| d.at),
        Mailing::Forewarning => office.timetable.approval.at,
    }
}

/// Whether there are any.
pub(super) fn is_wanted(office: &Office) -> bool {
    Mailing::ALL.iter().any(|mailing| hour(office, *mailing).is_some())
}

/// Writes those whose hour has come and which nobody has written today, and sends what is written and not sent.
///
/// # Errors
/// The own database's.
pub async fn pass(shift: &Shift, stop: &Stop) -> Result<Delivered, DatabaseError> {
    let office = &shift.office;
    let (now, today, _) = office.present();
    let (_, time) = calendar::local(office.timetable.time_zone, now);
    if !office.timetable.calendar.is_business_day(today) || shift.lease.is_fenced() {
        return Ok(Delivered::default());
    }
    let due = Mailing::ALL.into_iter().filter(|m| hour(office, *m).is_some_and(|at| time >= at));
    let due: Vec<Mailing> = due.collect();
    if due.is_empty() {
        return Ok(Delivered::default());
    }
    let mut problems = Vec::new();
    for mailing in due {
        if !digest::is_written(&mut office.db.snapshot().await?, mailing, today).await? {
            problems.extend(write(shift, mailing, today, now).await?);
        }
    }
    if !claim::is_waiting(&mut office.db.snapshot().await?, Queue::Letters, now).await? {
        return Ok(Delivered { problems, ..Delivered::default() });
    }
    // They are of no invoice: nothing is asked of the ledger any more (T26).
    let mut read = Arc::new(LastRead::new(now, today, None, Some(Copied::empty())));
    let mut delivered = deliver::deliver_queue(shift, &mut read, Queue::Letters, stop).await?;
    delivered.problems.splice(0..0, problems);
    Ok(delivered)
}

/// One that is rendered, or why it cannot be.
struct Draft {
    to: String,
    rendered: Result<Rendered, String>,
    /// What it says of e-mails that wait (T34).
    named: Vec<Named>,
}

/// Those of today.
async fn drafts(office: &Office, mailing: Mailing, today: NaiveDate, now: DateTime<Utc>) -> Result<Vec<Draft>, DatabaseError> {
    // Who has nothing to decide is not told so.
    if mailing == Mailing::Forewarning && approval::count(&mut office.db.snapshot().await?).await?.0 == 0 {
        return Ok(Vec::new());
    }
    let mut gathered = gather::gather(&office.db, &office.source, &office.timetable, today, today, now).await?;
    if mailing == Mailing::Forewarning || office.timetable.approval.at.is_none() {
        gathered.drafts = forewarn::drafts(office, &gathered.waiting).await?;
    }
    let (renderer, language, company) = (&office.renderer, &office.default_language, &office.company);
    Ok(match (mailing, &office.digest) {
        (Mailing::Digest, None) => Vec::new(),
        (Mailing::Digest, Some(settings)) => {
            let one = |d: message::digest::Digest| {
                let rendered = renderer.digest(language, &d).map_err(|e| e.to_string());
                let named = gathered.named(&d.recipient, Some(settings), false);
                Draft { to: d.recipient, rendered, named }
            };
            gathered.readers(settings, company).into_iter().map(one).collect()
        }
        (Mailing::Forewarning, settings) => {
            let one = |f: message::forewarning::Forewarning| {
                let rendered = renderer.forewarning(language, &f).map_err(|e| e.to_string());
                let named = gathered.named(&f.recipient, settings.as_ref(), true);
                Draft { to: f.recipient, rendered, named }
            };
            gathered.forewarnings(settings.as_ref(), company).into_iter().map(one).collect()
        }
    })
}

/// Writes those of today. Says what went wrong with some of them.
async fn write(shift: &Shift, mailing: Mailing, today: NaiveDate, now: DateTime<Utc>) -> Result<Vec<String>, DatabaseError> {
    let (office, word) = (&shift.office, mailing.word());
    let (mut letters, mut problems, mut ids) = (Vec::new(), Vec::new(), ulid::Generator::new());
    let drafts = drafts(office, mailing, today, now).await?;
    let controls = control::in_force(&mut office.db.snapshot().await?).await?;
    for Draft { to, rendered, named } in drafts {
        let at = std::time::SystemTime::from(now);
        let id = ids.generate_from_datetime(at).unwrap_or_else(|_| ulid::Ulid::from_datetime(at)).to_string();
        let written = rendered.and_then(|rendered| Ok((letter(office, &to, &rendered, &id, now)?, rendered)));
        match written {
            Ok((message, _)) if message.recipients.iter().any(|a| controls.is_suppressed(a)) => {
                problems.push(format!("the {word} does not go to {to}: the address is suppressed"));
            }
            Ok((message, rendered)) => letters.push(Letter {
                id,
                to,
                language: rendered.language,
                message_id: message.message_id.clone(),
                sha256: message.sha256(),
                bytes: message.bytes,
                named,
            }),
            Err(problem) => problems.push(format!("the {word} of {to} cannot be written: {problem}")),
        }
    }
    let mut tx = office.db.begin().await?;
    let mut journal = Journal::default();
    if digest::write(&mut tx, &mut journal, mailing, today, &letters, now).await? {
        let head = journal.write(&mut tx, now).await?;
        tx.commit().await?;
        shift.mark.note(&head, now);
        tracing::info!(letters = letters.len(), "the {word}s of the day were written");
    }
    Ok(problems)
}

/// One of them as a message.
///
/// # Errors
/// A sentence that says what is wrong with the address or the message.
pub fn letter(office: &Office, to: &str, rendered: &Rendered, id: &str, now: DateTime<Utc>) -> Result<Message, String> {
    let company = &office.company;
    let to = crate::address::EmailAddress::parse(to)?;
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
    prepare::built(office, rendered, &headers)
}

/// The last look at one that waits: that of another day is stale.
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
