//! Step ids that are gone while others have appeared (T31): a rename until a person says otherwise.

use std::collections::BTreeSet;

use crate::timetable::Timetable;

/// What the last polls know of the file's step ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Renames {
    /// The ids of the file of the last poll; `None`: there was none yet.
    pub known: Option<BTreeSet<String>>,
    /// Ids that are gone and have contacts in the log, not settled yet.
    pub gone: BTreeSet<String>,
    /// The ids that appeared with them: they plan nothing.
    pub appeared: BTreeSet<String>,
}

impl Renames {
    /// Looks at the file of this poll. `has_contacts` says whether the log has a contact of an id; `accept` is a
    /// person's word that these are new steps.
    #[must_use]
    pub fn look(&self, timetable: &Timetable, has_contacts: impl Fn(&str) -> bool, accept: bool) -> Self {
        let ids: BTreeSet<String> = timetable.steps.iter().map(|s| s.id.clone()).collect();
        let mut next = Self { known: Some(ids.clone()), ..self.clone() };
        if let Some(known) = &self.known {
            let gone: Vec<&String> = known.difference(&ids).filter(|id| has_contacts(id)).collect();
            let appeared: Vec<&String> = ids.difference(known).collect();
            // While a rename is not settled, every further id is part of it: another edit of the file is no person's word.
            let unsettled = !self.gone.is_empty();
            if !appeared.is_empty() && (unsettled || !gone.is_empty()) {
                next.gone.extend(gone.into_iter().cloned());
                next.appeared.extend(appeared.into_iter().cloned());
            }
        }
        let renamed: BTreeSet<&String> = timetable.steps.iter().flat_map(|s| &s.renamed_from).collect();
        next.gone.retain(|id| !ids.contains(id) && !renamed.contains(id));
        next.appeared.retain(|id| ids.contains(id));
        // An id that appeared and was taken out again is no person's word either: what is gone stays unsettled.
        if accept || next.gone.is_empty() {
            next.gone.clear();
            next.appeared.clear();
        }
        next
    }
}
