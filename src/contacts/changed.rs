//! Many contacts of which only the ids are kept, read from the log some at a time.

use std::collections::BTreeMap;

use super::entry::{self, Entry, Filter};
use super::ids::Ids;
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// So many are read together.
const SOME: usize = 500;

/// Contacts that were made or changed, in the plan's order (T25), those that were skipped last.
#[derive(Debug, Default)]
pub struct Changed {
    made: Ids,
    skipped: Ids,
}

impl Changed {
    /// Each of them once.
    #[must_use]
    pub fn of(mut made: Ids, mut skipped: Ids) -> Self {
        made.tidy();
        skipped.tidy();
        Self { made, skipped }
    }

    fn ids(&self, part: usize) -> Vec<String> {
        let (from, made) = (part * SOME, self.made.len());
        let skipped = self.skipped.some(from.saturating_sub(made), SOME);
        self.made.some(from, SOME).chain(skipped).take(SOME).collect()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made.is_empty() && self.skipped.is_empty()
    }

    /// Some, by their place: empty behind the last of [`Changed::parts`].
    ///
    /// # Errors
    /// The database's own.
    pub async fn part(&self, tx: &mut Tx, part: usize) -> Result<Vec<Entry>, DatabaseError> {
        let ids = self.ids(part);
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut entries = entry::list(tx, &Filter { contacts: Some(ids.clone()), ..Filter::default() }).await?;
        // Where the skips begin, an older one may stand behind a newer one.
        let place: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(n, id)| (id.as_str(), n)).collect();
        entries.sort_by_key(|e| e.contact.as_deref().and_then(|id| place.get(id)).copied());
        Ok(entries)
    }

    /// In how many parts they are read.
    #[must_use]
    pub fn parts(&self) -> usize {
        (self.made.len() + self.skipped.len()).div_ceil(SOME)
    }

    /// How many of each kind are in each state, by both words.
    ///
    /// # Errors
    /// The database's own.
    pub async fn counts(&self, tx: &mut Tx) -> Result<BTreeMap<String, u64>, DatabaseError> {
        let mut counts = BTreeMap::new();
        for part in 0..self.parts() {
            let ids = self.ids(part);
            let sql = "SELECT kind, state, count(*) AS n FROM contact WHERE id IN ($1[]) GROUP BY kind, state";
            for row in tx.all(sql, vals![serde_json::json!(ids).to_string()]).await? {
                let key = format!("{} {}", row.text("kind")?, row.text("state")?);
                *counts.entry(key).or_default() += row.int("n")?.unsigned_abs();
            }
        }
        Ok(counts)
    }
}
