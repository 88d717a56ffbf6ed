//! Many rows in one statement: one commit writes the intents and outcomes of many messages (D1).

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

/// Rows for a statement that says `{rows}`; bound as `$1`, as one JSON array of arrays.
#[derive(Debug, Clone)]
pub struct Bulk {
    pub(super) columns: &'static [Column],
    json: String,
    rows: usize,
}

impl Bulk {
    /// No rows yet, of these columns.
    #[must_use]
    pub fn new(columns: &'static [Column]) -> Self {
        Self { columns, json: "[".to_owned(), rows: 0 }
    }

    /// One more row: a tuple or a JSON array, in the order of the columns.
    pub fn push(&mut self, row: impl serde::Serialize) {
        if self.rows > 0 {
            self.json.push(',');
        }
        self.rows += 1;
        // What is pushed are tuples of text, numbers and None: they cannot fail. A row that did would be NULLs, which the
        // tables refuse.
        self.json.push_str(&serde_json::to_string(&row).unwrap_or_else(|_| "[]".to_owned()));
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn json(&self) -> String {
        format!("{}]", self.json)
    }
}
