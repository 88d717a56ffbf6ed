//! Many rows in one statement: one commit writes the intents and outcomes of many messages (D1).

use super::Val;

/// A column of a [`Bulk`].
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub(super) name: &'static str,
    pub(super) is_int: bool,
}

impl Column {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// A column of text.
#[must_use]
pub const fn text(name: &'static str) -> Column {
    Column { name, is_int: false }
}

/// A column of whole numbers (truth values are 0 and 1).
#[must_use]
pub const fn int(name: &'static str) -> Column {
    Column { name, is_int: true }
}

/// Rows for a statement that says `{rows}`. The first column is never NULL.
#[derive(Debug, Clone)]
pub struct Bulk {
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Vec<Val>>,
}

impl Bulk {
    /// No rows yet, of these columns.
    #[must_use]
    pub fn new(columns: &'static [Column]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// One more row, in the order of the columns.
    pub fn push(&mut self, row: Vec<Val>) {
        self.rows.push(row);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// PostgreSQL takes them as one JSON array of arrays.
    pub(super) fn json(&self) -> String {
        let value = |v: &Val| match v {
            Val::Int(v) => serde_json::Value::from(*v),
            Val::Text(v) => serde_json::Value::from(v.as_deref()),
            Val::Bytes(_) => serde_json::Value::Null,
        };
        let row = |row: &Vec<Val>| serde_json::Value::Array(row.iter().map(value).collect());
        serde_json::Value::Array(self.rows.iter().map(row).collect()).to_string()
    }
}

/// SQLite takes the rows as parameters, so many at once. There are few different numbers of them, so that there are few
/// different statements.
const SIZES: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// How many rows go at once when so many are left, and for how many there is room then.
pub(super) fn portion(left: usize) -> (usize, usize) {
    let room = SIZES.into_iter().find(|size| *size >= left).unwrap_or(SIZES[SIZES.len() - 1]);
    (left.min(room), room)
}
