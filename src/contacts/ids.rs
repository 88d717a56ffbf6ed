//! Ids of very many contacts, 16 bytes each: what a poll has changed is remembered until its report.

use std::collections::BTreeSet;

use ulid::Ulid;

/// There is room for so many more at once, and for a quarter of what there is.
const ROOM: usize = 4_096;

/// Ids of contacts, each of them once.
#[derive(Debug, Default, Clone)]
pub struct Ids {
    ulids: Vec<Ulid>,
    /// What is not written as an id of a contact usually is.
    others: BTreeSet<String>,
}

impl Ids {
    /// One more, if it is not there.
    pub fn push(&mut self, id: &str) {
        match Ulid::from_string(id) {
            Ok(ulid) if ulid.to_string() == id => {
                if self.ulids.len() == self.ulids.capacity() {
                    self.tidy();
                    self.ulids.reserve_exact(ROOM + self.ulids.len() / 4);
                }
                self.ulids.push(ulid);
            }
            _ => {
                self.others.insert(id.to_owned());
            }
        }
    }

    /// All of another one.
    pub fn append(&mut self, mut other: Self) {
        self.tidy();
        other.ulids.retain(|id| self.ulids.binary_search(id).is_err());
        self.ulids.append(&mut other.ulids);
        self.others.append(&mut other.others);
        self.tidy();
    }

    /// Puts them in their order: the one in which they were made.
    pub fn tidy(&mut self) {
        self.ulids.sort_unstable();
        self.ulids.dedup();
    }

    /// How many there are; one that was pushed again since the last [`Ids::tidy`] counts again.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ulids.len() + self.others.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// At most so many, by their place.
    pub fn some(&self, from: usize, most: usize) -> impl Iterator<Item = String> {
        let ulids = self.ulids.iter().skip(from).map(ToString::to_string);
        ulids.chain(self.others.iter().skip(from.saturating_sub(self.ulids.len())).cloned()).take(most)
    }
}

impl Extend<String> for Ids {
    fn extend<T: IntoIterator<Item = String>>(&mut self, ids: T) {
        ids.into_iter().for_each(|id| self.push(&id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_is_there_once_in_the_order_in_which_they_were_made_and_others_stand_behind() {
        let mut made: Vec<String> = (0..10_000).map(|n| Ulid::from_parts(n / 100, u128::from(n)).to_string()).collect();
        let mut ids = Ids::default();
        ids.extend(made.iter().rev().cloned());
        ids.extend(made.iter().cloned());
        let mut more = Ids::default();
        more.extend(made.iter().skip(9_000).cloned());
        ids.append(more);
        ids.push("c-2");
        ids.push("c-1");
        ids.push("c-2");
        ids.tidy();
        made.extend(["c-1".to_owned(), "c-2".to_owned()]);
        assert_eq!(ids.len(), made.len());
        assert_eq!(ids.some(0, usize::MAX).collect::<Vec<_>>(), made);
        assert_eq!(ids.some(9_999, 2).collect::<Vec<_>>(), made[9_999..10_001]);
        assert_eq!(ids.some(10_001, 9).collect::<Vec<_>>(), ["c-2"]);
        assert_eq!(ids.some(10_002, 9).count(), 0);
    }
}
