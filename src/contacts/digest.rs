//! E-mails to colleagues that have an hour of their own, in the log: the morning's digests, and the forewarnings of what waits
//! for approval (T34). They are notices about no customer and no invoice, kept as they were written, so that every try sends
//! the same bytes.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::forewarned::{self, Named};
use super::pack::Packer;
use super::{Event, Journal, State};
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// What such an e-mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailing {
    /// `[digest]`.
    Digest,
    /// `[approval]` of the timetable.
    Forewarning,
}

impl Mailing {
    pub const ALL: [Self; 2] = [Self::Digest, Self::Forewarning];

    /// What stands for a template, a step and what it is merged with; and the key of the day of the last ones, among the
    /// single values.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Forewarning => "forewarning",
        }
    }

    /// The table that asks for it, which stands for a rule.
    fn table(self) -> &'static str {
        match self {
            Self::Digest => "[digest]",
            Self::Forewarning => "[approval]",
        }
    }

    /// Which one a contact is, by what it is merged with.
    #[must_use]
    pub fn of(merged_as: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.word() == merged_as)
    }
}

/// One that is written and not sent.
#[derive(Debug)]
pub struct Letter {
    /// The contact's id.
    pub id: String,
    pub to: String,
    pub language: String,
    pub message_id: String,
    pub sha256: String,
    pub bytes: Vec<u8>,
    /// What it says of e-mails that wait (T34).
    pub named: Vec<Named>,
}

/// Whether those of a day, or of a later one, were written.
///
/// # Errors
/// The database's own.
pub async fn is_written(tx: &mut Tx, mailing: Mailing, day: NaiveDate) -> Result<bool, DatabaseError> {
    let row = tx.first("SELECT 1 AS one FROM state WHERE key = $1 AND value >= $2", vals![mailing.word(), day]).await?;
    Ok(row.is_some())
}

/// Writes those of a day, all of them and once: `false`, nothing, if somebody has. The row that says so is the
/// database's own guard, whoever else is at work.
///
/// # Errors
/// The database's own.
pub async fn write(
    tx: &mut Tx,
    journal: &mut Journal,
    mailing: Mailing,
    day: NaiveDate,
    letters: &[Letter],
    now: DateTime<Utc>,
) -> Result<bool, DatabaseError> {
    let sql = "INSERT INTO state (key, value) VALUES ($1, $2)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE state.value < excluded.value";
    if tx.exec(sql, vals![mailing.word(), day]).await? == 0 {
        return Ok(false);
    }
    let mut pack = Packer::default();
    pack.begin();
    for letter in letters {
        let place = pack.add(&letter.bytes);
        let sql = "INSERT INTO contact (id, kind, merged_as, action, step, occurrence, date, state, rule, customer, segment, recipients,
                                        cc, language, lead, message_id, message_sha256, message_pack, message_offset, message_length,
                                        resend, attempts, created_at, changed_at)
                   VALUES ($1, 'notice', $2, $2, $2, 0, $3, 'queued', $4, '', '', $5, '[]', $6, '', $7, $8, $9, $10, $11, 1, 0, $12, $12)";
        let values = vals![
            &letter.id,
            mailing.word(),
            day,
            mailing.table(),
            json!([letter.to]).to_string(),
            &letter.language,
            &letter.message_id,
            &letter.sha256,
            &place.pack,
            place.offset,
            place.length,
            now
        ];
        tx.exec(sql, values).await?;
        forewarned::keep(tx, &letter.id, &letter.named).await?;
        let named: Vec<_> = letter.named.iter().map(Named::content).collect();
        let mut content = json!({ "kind": "notice", "date": day, "to": [letter.to], "sha256": letter.sha256 });
        if !named.is_empty() {
            content["named"] = named.into();
        }
        let event = Event::new(&letter.id, None, State::Queued, None);
        journal.enter(Event { content: Some(content.to_string()), ..event });
    }
    pack.write(tx, now).await?;
    Ok(true)
}
