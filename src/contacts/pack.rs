//! The bytes of messages, kept for as long as they may be asked for (D14). Those of one commit are compressed together:
//! reminders resemble each other, and fifty of them take little more room than five.

use chrono::{DateTime, TimeDelta, Utc};
use ulid::Ulid;

use super::outbox::Place;
use crate::database::{DatabaseError, Tx, inconsistent};
use crate::vals;

/// Fast; more costs time for each message and gains little on such small ones.
const LEVEL: i32 = 1;

/// Messages on their way into the database.
#[derive(Debug)]
pub struct Pack {
    id: String,
    bytes: Vec<u8>,
}

impl Default for Pack {
    fn default() -> Self {
        Self { id: Ulid::new().to_string(), bytes: Vec::new() }
    }
}

impl Pack {
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
    pub async fn write(self, tx: &mut Tx, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let packed = compress(&self.bytes)?;
        tx.exec("INSERT INTO message_pack (id, at, bytes) VALUES ($1, $2, $3)", vals![self.id, now, packed]).await?;
        Ok(())
    }
}

fn compress(bytes: &[u8]) -> Result<Vec<u8>, DatabaseError> {
    zstd::bulk::compress(bytes, LEVEL).map_err(|e| inconsistent("message_pack.bytes", e.to_string(), "what can be compressed"))
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

/// Whether the bytes of a contact's last try are kept.
///
/// # Errors
/// The database's own.
pub async fn is_kept(tx: &mut Tx, contact: &str) -> Result<bool, DatabaseError> {
    let sql = "SELECT 1 AS one FROM contact c JOIN message_pack p ON p.id = c.message_pack WHERE c.id = $1";
    Ok(tx.first(sql, vals![contact]).await?.is_some())
}

/// Forgets the bytes of messages (D15): zeros stand where they were, and their hashes stay.
///
/// # Errors
/// The database's own.
pub async fn blank(tx: &mut Tx, places: &[Place]) -> Result<(), DatabaseError> {
    for place in places {
        let Some(mut bytes) = load(tx, &place.pack).await? else { continue };
        let start = usize::try_from(place.offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(place.length).unwrap_or(usize::MAX));
        if let Some(part) = bytes.get_mut(start..end) {
            part.fill(0);
        }
        tx.exec("UPDATE message_pack SET bytes = $2 WHERE id = $1", vals![&place.pack, compress(&bytes)?]).await?;
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
    async fn messages_come_out_of_a_pack_as_they_went_in_and_a_blanked_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::scratch(&folder.path().join("x.db")).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let mut pack = Pack::default();
        let places: Vec<Place> = [&b"first message"[..], b"second message", b"third"].map(|m| pack.add(m)).to_vec();
        let now: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        pack.write(&mut tx, now).await.unwrap();
        blank(&mut tx, &places[1..2]).await.unwrap();
        let bytes = load(&mut tx, &places[0].pack).await.unwrap().unwrap();
        assert_eq!(&bytes[..13], b"first message");
        assert_eq!(&bytes[13..27], &[0; 14]);
        assert_eq!(&bytes[27..], b"third");
        assert_eq!(expire(&mut tx, TimeDelta::days(1), now).await.unwrap(), 0);
        assert_eq!(expire(&mut tx, TimeDelta::days(1), now + TimeDelta::days(2)).await.unwrap(), 1);
    }
}
