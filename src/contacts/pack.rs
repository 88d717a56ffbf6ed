//! The bytes of messages, kept for as long as they may be asked for (D14). Those of one commit are compressed together:
//! reminders resemble each other, and fifty of them take little more room than five.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use ulid::Ulid;

use super::outbox::Place;
use crate::database::{DatabaseError, Tx, inconsistent};
use crate::vals;

/// Fast; more costs time for each message and gains little on such small ones.
const LEVEL: i32 = 1;
/// How many packs are held unpacked while all messages are read.
const UNPACKED: usize = 8;

/// Messages on their way into the database. One is used again and again: making the tables of the compression anew costs
/// more than the compression.
pub struct Packer {
    id: String,
    bytes: Vec<u8>,
    compressor: Option<zstd::bulk::Compressor<'static>>,
}

impl Default for Packer {
    fn default() -> Self {
        Self { id: String::new(), bytes: Vec::new(), compressor: zstd::bulk::Compressor::new(LEVEL).ok() }
    }
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Packer({} bytes)", self.bytes.len())
    }
}

impl Packer {
    /// Begins a new pack; what was not written is gone.
    pub fn begin(&mut self) {
        self.id = Ulid::new().to_string();
        self.bytes.clear();
    }

    /// One more message; says where it will be.
    pub fn add(&mut self, message: &[u8]) -> Place {
        let offset = self.bytes.len() as i64;
        self.bytes.extend_from_slice(message);
        Place { pack: self.id.clone(), offset, length: message.len() as i64 }
    }

    /// Writes the pack; none without a message.
    ///
    /// # Errors
    /// The database's own.
    pub async fn write(&mut self, tx: &mut Tx, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let packed = match &mut self.compressor {
            Some(compressor) => compressor.compress(&self.bytes).map_err(failed)?,
            None => compress(&self.bytes)?,
        };
        tx.exec("INSERT INTO message_pack (id, at, bytes) VALUES ($1, $2, $3)", vals![&self.id, now, packed]).await?;
        Ok(())
    }
}

fn compress(bytes: &[u8]) -> Result<Vec<u8>, DatabaseError> {
    zstd::bulk::compress(bytes, LEVEL).map_err(failed)
}

fn failed(error: std::io::Error) -> DatabaseError {
    inconsistent("message_pack.bytes", error.to_string(), "what can be compressed")
}

async fn load(tx: &mut Tx, pack: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
    let Some(row) = tx.first("SELECT bytes FROM message_pack WHERE id = $1", vals![pack]).await? else { return Ok(None) };
    let wrong = |e: std::io::Error| inconsistent("message_pack.bytes", e.to_string(), "compressed messages");
    zstd::stream::decode_all(row.bytes("bytes")?.as_slice()).map(Some).map_err(wrong)
}

/// The bytes of a contact's last try; `None`: none was made, or they are not kept any more.
///
/// # Errors
/// The database's own; a pack that cannot be read.
pub async fn message(tx: &mut Tx, contact: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
    let sql = "SELECT message_pack, message_offset, message_length FROM contact WHERE id = $1 AND message_pack IS NOT NULL";
    let Some(row) = tx.first(sql, vals![contact]).await? else { return Ok(None) };
    let Some(bytes) = load(tx, &row.text("message_pack")?).await? else { return Ok(None) };
    let start = usize::try_from(row.int("message_offset")?).unwrap_or(usize::MAX);
    let end = start.saturating_add(usize::try_from(row.int("message_length")?).unwrap_or(usize::MAX));
    let found = bytes.get(start..end).map(<[u8]>::to_vec);
    let place = || inconsistent("contact.message_offset", start.to_string(), "a place in its pack");
    found.map(Some).ok_or_else(place)
}

/// Packs as they are read one after another: the last few stay unpacked.
#[derive(Debug, Default)]
pub(super) struct Packs(VecDeque<(String, Vec<u8>)>);

impl Packs {
    /// The bytes at a place of a pack, first byte and length; `None`: they are not there, or cannot be read.
    pub(super) async fn bytes(&mut self, tx: &mut Tx, pack: &str, place: (i64, i64)) -> Result<Option<&[u8]>, DatabaseError> {
        if !self.0.iter().any(|(id, _)| id == pack) {
            let row = tx.first("SELECT bytes FROM message_pack WHERE id = $1", vals![pack]).await?;
            let packed = row.map(|r| r.bytes("bytes")).transpose()?;
            let bytes = packed.and_then(|p| zstd::stream::decode_all(p.as_slice()).ok()).unwrap_or_default();
            self.0.push_back((pack.to_owned(), bytes));
            if self.0.len() > UNPACKED {
                self.0.pop_front();
            }
        }
        let bytes = self.0.iter().find(|(id, _)| id == pack).map_or(&[][..], |(_, bytes)| bytes);
        let (Ok(start), Ok(length)) = (usize::try_from(place.0), usize::try_from(place.1)) else { return Ok(None) };
        Ok(bytes.get(start..start.saturating_add(length)))
    }
}

/// Whether the bytes of a contact's last try are kept.
///
/// # Errors
/// The database's own.
pub async fn is_kept(tx: &mut Tx, contact: &str) -> Result<bool, DatabaseError> {
    let sql = "SELECT 1 AS one FROM contact c JOIN message_pack p ON p.id = c.message_pack WHERE c.id = $1";
    Ok(tx.first(sql, vals![contact]).await?.is_some())
}

/// Forgets all bytes of a pack that no contact points to (D15): zeros stand where they were. A pack of which nothing is left
/// goes.
///
/// # Errors
/// The database's own.
pub async fn keep_what_is_pointed_to(tx: &mut Tx, pack: &str) -> Result<(), DatabaseError> {
    let Some(bytes) = load(tx, pack).await? else { return Ok(()) };
    let rows = tx.all("SELECT message_offset, message_length FROM contact WHERE message_pack = $1", vals![pack]).await?;
    if rows.is_empty() {
        tx.exec("DELETE FROM message_pack WHERE id = $1", vals![pack]).await?;
        return Ok(());
    }
    let mut kept = vec![0; bytes.len()];
    for row in rows {
        let start = usize::try_from(row.int("message_offset")?).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(row.int("message_length")?).unwrap_or(usize::MAX));
        if let (Some(to), Some(from)) = (kept.get_mut(start..end), bytes.get(start..end)) {
            to.copy_from_slice(from);
        }
    }
    if kept != bytes {
        tx.exec("UPDATE message_pack SET bytes = $2 WHERE id = $1", vals![pack, compress(&kept)?]).await?;
    }
    Ok(())
}

/// Lets go of the packs that are older than `keep`; the hashes of their messages stay (D14). Says how many went.
///
/// # Errors
/// The database's own.
pub async fn expire(tx: &mut Tx, keep: TimeDelta, now: DateTime<Utc>) -> Result<u64, DatabaseError> {
    let Some(oldest) = now.checked_sub_signed(keep) else { return Ok(0) };
    if tx.first("SELECT 1 AS one FROM message_pack WHERE at < $1 LIMIT 1", vals![oldest]).await?.is_none() {
        return Ok(0);
    }
    // What is to leave again as it was, or is leaving, is needed still.
    let old = "SELECT id FROM message_pack WHERE at < $1 AND id NOT IN
                 (SELECT message_pack FROM contact WHERE message_pack IS NOT NULL AND (resend = 1 OR state = 'sending'))";
    let sql = format!(
        "UPDATE contact SET message_pack = NULL, message_offset = NULL, message_length = NULL WHERE message_pack IN ({old})"
    );
    tx.exec(&sql, vals![oldest]).await?;
    tx.exec(&format!("DELETE FROM message_pack WHERE id IN ({old})"), vals![oldest]).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;

    #[tokio::test]
    async fn messages_come_out_of_a_pack_as_they_went_in_and_what_nobody_points_to_goes() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::scratch(&folder.path().join("x.db")).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let mut pack = Packer::default();
        pack.begin();
        let places: Vec<Place> = [&b"first message"[..], b"second message", b"third"].map(|m| pack.add(m)).to_vec();
        let now: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        pack.write(&mut tx, now).await.unwrap();
        for (id, place) in [("A", &places[0]), ("C", &places[2])] {
            let sql = "INSERT INTO contact (id, kind, merged_as, action, step, occurrence, date, state, rule, customer, segment,
                         recipients, cc, lead, created_at, changed_at, message_pack, message_offset, message_length)
                       VALUES ($1, 'email', '', '', '', 0, '', 'sent', '', '', '', '[]', '[]', '', '', '', $2, $3, $4)";
            tx.exec(sql, vals![id, &place.pack, place.offset, place.length]).await.unwrap();
        }
        keep_what_is_pointed_to(&mut tx, &places[0].pack).await.unwrap();
        assert_eq!(message(&mut tx, "A").await.unwrap().unwrap(), b"first message");
        assert_eq!(message(&mut tx, "C").await.unwrap().unwrap(), b"third");
        let bytes = load(&mut tx, &places[0].pack).await.unwrap().unwrap();
        assert_eq!(&bytes[13..27], &[0; 14]);
        assert_eq!(expire(&mut tx, TimeDelta::days(1), now).await.unwrap(), 0);
        assert_eq!(expire(&mut tx, TimeDelta::days(1), now + TimeDelta::days(2)).await.unwrap(), 1);
    }
}
