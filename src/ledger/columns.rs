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
    #[error("{} missing; {set} has the columns {found}{}", listed(missing), meant(nearest))]
    Missing {
        set: &'static str,
        missing: Vec<&'static str>,
        found: String,
        /// A missing column, and the unknown one that may be meant by it.
        nearest: Vec<(&'static str, String)>,
    },
}

fn listed(missing: &[&str]) -> String {
    let names: Vec<String> = missing.iter().map(|m| format!("`{m}`")).collect();
    if names.len() == 1 {
        format!("the needed column {} is", names.concat())
    } else {
        format!("the needed columns {} are", names.join(", "))
    }
}

fn meant(nearest: &[(&str, String)]) -> String {
    nearest.iter().map(|(column, name)| format!("; if {name:?} is meant, rename it to `{column}`")).collect()
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
        let missing: Vec<&str> = set.needed.iter().copied().filter(|column| header.place(column).is_none()).collect();
        if missing.is_empty() {
            return Ok(header);
        }
        let near = |column: &&'static str| Some((*column, nearest(column, unknown())?.to_owned()));
        let nearest = missing.iter().filter_map(near).collect();
        Err(HeaderError::Missing { set: set.name, missing, found: found(&names), nearest })
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

fn found(names: &[&str]) -> String {
    let named: Vec<&str> = names.iter().copied().filter(|n| !n.is_empty()).collect();
    let mut shown = named.iter().take(40).map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ");
    if named.len() > 40 {
        shown.push_str(&format!(" and {} more", named.len() - 40));
    }
    if named.len() == 1 {
        shown.push_str("; if the names stand further down, remove the lines above them");
    }
    shown
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
        assert!(error.contains("if \"custmer_id\" is meant, rename it to `customer_id`"), "{error}");
        let error = Header::of(&INVOICES, ["Aged Receivables Detail"]).unwrap_err().to_string();
        assert!(error.contains("`id`, `customer_id`, `due_date`, `currency`, `total` are missing"), "{error}");
        assert!(error.contains("remove the lines above"), "{error}");
    }

    #[test]
    fn an_unknown_column_is_kept_under_a_name_that_templates_can_write() {
        let header = Header::of(&CUSTOMERS, ["id", "name", "Cost Centre (new)"]).unwrap();
        assert_eq!(header.extra().collect::<Vec<_>>(), [("cost_centre_new", 2)]);
    }
}
