//! The text of a cell to a value: dates, amounts, yes and no, ranks, ids. Nothing is guessed (L4): what can be read in
//! two ways is an error that says how to make it clear.

mod amount;
mod date;
mod words;

pub use amount::{DecimalSeparator, amount};
pub use date::{DateFormat, date};
pub use words::{currency, id, rank, yes_or_no};

/// How the dates and amounts of one source are written, and what the user can do when one is not clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelling {
    dates: DateFormat,
    decimal: Option<DecimalSeparator>,
    of_query: bool,
}

impl Spelling {
    /// CSV files: as `[import]` says.
    #[must_use]
    pub fn of_files(dates: DateFormat, decimal: Option<DecimalSeparator>) -> Self {
        Self { dates, decimal, of_query: false }
    }

    /// A query ledger's values as text: ISO dates, and the point as decimal separator.
    #[must_use]
    pub fn of_queries() -> Self {
        Self { dates: DateFormat::default(), decimal: Some(DecimalSeparator::Point), of_query: true }
    }

    fn mend_date(&self) -> &'static str {
        if self.of_query {
            "let the query give dates as yyyy-mm-dd"
        } else {
            "set `date_format` under `[import]`, such as \"dd.mm.yyyy\" or \"mm/dd/yyyy\""
        }
    }

    fn mend_amount(&self) -> &'static str {
        if self.of_query {
            "let the query give amounts as 1234.50"
        } else {
            "set `decimal_separator` under `[import]` to \".\" or \",\""
        }
    }
}
