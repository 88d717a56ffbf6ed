//! The columns of the three sets, and how the names of a source are matched to them.

use std::collections::HashMap;

use crate::diagnostic::nearest;

/// One of the three sets of rows.
#[derive(Debug, PartialEq, Eq)]
pub struct Set {
    /// `customers`, `invoices` or `payments`.
    pub name: &'static str,
    pub needed: &'static [&'static str],
    pub others: &'static [&'static str],
    /// Whether unknown columns are kept for the templates.
    pub keeps_extra: bool,
}

pub const CUSTOMERS: Set = Set {
    name: "customers",
    needed: &["id", "name"],
    others: &[
        "email",
        "cc",
        "language",
        "country",
        "segment",
        "rank",
        "phone",
        "account_manager",
        "collector",
        "do_not_contact",
        "credit_limit",
        "unallocated_credit",
    ],
    keeps_extra: true,
};

pub const INVOICES: Set = Set {
    name: "invoices",
    needed: &["id", "customer_id", "due_date", "currency", "total"],
    others: &["number", "issue_date", "open_balance", "status", "disputed", "po_number", "payment_url", "document_path"],
    keeps_extra: true,
};

pub const PAYMENTS: Set = Set {
    name: "payments",
    needed: &["id", "customer_id", "received_on", "amount", "currency"],
    others: &["invoice_id"],
    keeps_extra: false,
};

impl Set {
    /// The documented column that a name of a source means: case, spaces, underscores, hyphens
    /// and other punctuation do not matter.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static str> {
        let squeezed = squeezed(name);
        self.needed.iter().chain(self.others).copied().find(|known| self::squeezed(known) == squeezed)
    }
}

/// Where each column of a source stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    known: Vec<(&'static str, usize)>,
    extra: Vec<(String, usize)>,
    /// The columns up to the last one that has a name; a row has at least as many cells.
    pub width: usize,
}

/// Why the columns of a source cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error("the column {name:?} stands there twice (columns {first} and {second}); remove or rename one of them")]
    Twice { name: String, first: usize, second: usize },
    #[error("the needed column `{column}` is missing; {} has the columns {found}{}", set, meant(column, nearest.as_deref()))]
    Missing { set: &'static str, column: &'static str, found: String, nearest: Option<String> },
}

fn meant(column: &str, nearest: Option<&str>) -> String {
    nearest.map(|n| format!("; if {n:?} is meant, rename it to `{column}`")).unwrap_or_default()
}

impl Header {
    /// Matches the names of a source's columns. An unnamed column is ignored, an unknown one is kept as extra.
    ///
    /// # Errors
    /// When a column stands there twice, or a needed one is missing.
    pub fn of<'a>(set: &Set, names: impl IntoIterator<Item = &'a str>) -> Result<Self, HeaderError> {
        let names: Vec<&str> = names.into_iter().map(str::trim).collect();
        let mut header = Self { known: Vec::new(), extra: Vec::new(), width: 0 };
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (at, name) in names.iter().enumerate() {
            let column = set.column(name);
            let key = column.map_or_else(|| identifier(name), str::to_owned);
            if key.is_empty() {
                continue;
            }
            header.width = at + 1;
            if let Some(first) = seen.insert(key.clone(), at) {
                return Err(HeaderError::Twice { name: (*name).to_owned(), first: first + 1, second: at + 1 });
            }
            match column {
                Some(known) => header.known.push((known, at)),
                None if set.keeps_extra => header.extra.push((key, at)),
                None => {}
            }
        }
        // Titles and rubbish are longer than any column's name.
        let unknown = || names.iter().copied().filter(|n| !n.is_empty() && n.len() <= 40 && set.column(n).is_none()).take(100);
        for column in set.needed {
            if header.place(column).is_none() {
                let nearest = nearest(column, unknown().collect::<Vec<_>>()).map(str::to_owned);
                return Err(HeaderError::Missing { set: set.name, column, found: listed(&names), nearest });
            }
        }
        Ok(header)
    }

    /// The position of a documented column.
    #[must_use]
    pub fn place(&self, column: &str) -> Option<usize> {
        self.known.iter().find(|(name, _)| *name == column).map(|(_, at)| *at)
    }

    /// The columns that dunningd does not know, under the name that templates use.
    pub fn extra(&self) -> impl Iterator<Item = (&str, usize)> {
        self.extra.iter().map(|(name, at)| (name.as_str(), *at))
    }
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().filter(|n| !n.is_empty()).take(40).map(|n| format!("{n:?}")).collect();
    if shown.is_empty() { "without a name".to_owned() } else { shown.join(", ") }
}

fn squeezed(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// `Cost Centre (new)` is `cost_centre_new`, so that `invoice.extra.cost_centre_new` can be written in a template.
fn identifier(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_any_case_with_spaces_underscores_and_hyphens_alike() {
        let header = Header::of(&PAYMENTS, ["ID", "Customer ID", " received-on ", "AMOUNT", "Currency", "InvoiceId"]).unwrap();
        assert_eq!(header.place("customer_id"), Some(1));
        assert_eq!(header.place("received_on"), Some(2));
        assert_eq!(header.place("invoice_id"), Some(5));
    }

    #[test]
    fn a_column_that_stands_there_twice_is_an_error() {
        let error = Header::of(&CUSTOMERS, ["id", "name", "Name "]).unwrap_err().to_string();
        assert!(error.contains("\"Name\"") && error.contains("columns 2 and 3"), "{error}");
        assert!(Header::of(&CUSTOMERS, ["id", "name", "Cost-centre", "cost centre"]).is_err());
        assert!(Header::of(&CUSTOMERS, ["id", "name", "", ""]).is_ok());
    }

    #[test]
    fn a_missing_column_is_named_with_the_columns_found_and_the_nearest() {
        let error = Header::of(&INVOICES, ["id", "custmer_id", "due date", "currency", "total"]).unwrap_err().to_string();
        assert!(error.contains("`customer_id` is missing") && error.contains("\"due date\""), "{error}");
        assert!(error.contains("if \"custmer_id\" is meant"), "{error}");
    }

    #[test]
    fn an_unknown_column_is_kept_under_a_name_that_templates_can_write() {
        let header = Header::of(&CUSTOMERS, ["id", "name", "Cost Centre (new)"]).unwrap();
        assert_eq!(header.extra().collect::<Vec<_>>(), [("cost_centre_new", 2)]);
    }
}
