//! Texts of cells that are more than they seem: terms of payment, and numbers that a spreadsheet has spoilt.

use super::layout::plain;

/// The days of `Net 30`, `30 days`, `2% 10 Net 30`, `Due on receipt`.
pub fn net_days(terms: &str) -> Option<u32> {
    let text = plain(terms);
    if text == "due on receipt" {
        return Some(0);
    }
    let after = text.rsplit_once("net").map_or(text.as_str(), |(_, rest)| rest).trim();
    let digits = after.trim_end_matches("days").trim_end_matches("tage").trim();
    digits.parse().ok().filter(|days| *days <= 3_650)
}

/// A long number that a spreadsheet has shortened is not the number any more.
///
/// # Errors
/// What to do instead.
pub fn undamaged(text: &str) -> Result<(), String> {
    let damaged = text.split_once(['E', 'e']).is_some_and(|(mantissa, exponent)| {
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',');
        digits(mantissa) && exponent.strip_prefix('+').is_some_and(|e| e.len() >= 2 && digits(e))
    });
    if damaged {
        Err("a spreadsheet has shortened this number; give the column the format Text before saving it".to_owned())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_of_usual_terms_are_understood_and_others_are_not_guessed() {
        for (terms, days) in
            [("Net 30", 30), ("net30", 30), ("2% 10 Net 45", 45), ("14 days", 14), ("Due on receipt", 0), ("7", 7)]
        {
            assert_eq!(net_days(terms), Some(days), "{terms}");
        }
        for terms in ["EOM", "15th of next month", "Net", "COD", "Net 99999"] {
            assert_eq!(net_days(terms), None, "{terms}");
        }
    }

    #[test]
    fn what_a_spreadsheet_has_made_of_a_number_is_refused() {
        assert!(undamaged("1.23457E+11").is_err() && undamaged("1E+05").is_err());
        assert!(undamaged("E+05").is_ok() && undamaged("INV-1E5").is_ok() && undamaged("2026E1").is_ok());
    }
}
