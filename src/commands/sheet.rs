//! Rows for a spreadsheet program: CSV, in which no text of the ledger becomes a formula.

use anyhow::Context as _;

use super::Result;

/// Writes CSV to the standard output, row by row.
pub struct Sheet(csv::Writer<std::io::Stdout>);

impl Sheet {
    /// Begins with a header.
    pub fn begin<T: AsRef<[u8]>>(header: impl IntoIterator<Item = T>) -> Result<Self> {
        let mut sheet = Self(csv::Writer::from_writer(std::io::stdout()));
        sheet.row(header)?;
        Ok(sheet)
    }

    /// Writes a row; texts of the ledger went through [`text`].
    pub fn row<T: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = T>) -> Result<()> {
        match self.0.write_record(cells).map_err(csv::Error::into_kind) {
            // A reader that has gone away is no error.
            Err(csv::ErrorKind::Io(gone)) if gone.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            Err(kind) => Err(anyhow::anyhow!("the rows cannot be written: {kind:?}").into()),
            Ok(()) => Ok(()),
        }
    }

    /// Writes what is still kept.
    pub fn end(mut self) -> Result<()> {
        match self.0.flush() {
            Err(gone) if gone.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            flushed => Ok(flushed.context("the rows cannot be written")?),
        }
    }
}

/// A text of the ledger as a cell: what a spreadsheet program would take for a formula has an apostrophe before it, and
/// control characters are shown, not obeyed.
#[must_use]
pub fn text(text: &str) -> String {
    let shown: String = text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    let first = shown.trim_start().chars().next();
    // The wide ones, too: some programs read them as the others.
    let is_formula = text.starts_with(char::is_control) || first.is_some_and(|c| "=+-@＝＋－＠".contains(c));
    if is_formula { format!("'{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_the_ledger_becomes_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "＝1", "\u{0}x"] {
            assert!(text(formula).starts_with('\''), "{formula:?}");
        }
        for plain in ["Weber & Söhne", "C-1001", "a=b", "", "2026-0142"] {
            assert_eq!(text(plain), plain);
        }
        assert_eq!(text("two\nlines"), "two\u{FFFD}lines");
    }
}
