//! Why files cannot be read with a profile.

use super::sheet::SheetError;
use crate::money::Currency;

/// Why files cannot be read with a profile.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error(
        "no row shows whether the dates are {} or {}, such as {cell:?}: say it with --date-format, or `date_format` under `[import]`",
        ways.0, ways.1
    )]
    Dates { cell: String, ways: (String, String) },
    #[error(
        "{:?} can only be {}, and {:?} only {}: the dates of the file are of two forms; mend it, or say with --date-format which one is meant",
        cells.0, ways.0, cells.1, ways.1
    )]
    MixedDates { cells: (String, String), ways: (String, String) },
    #[error(
        "no row shows whether the point or the comma stands before the decimals, such as {cell:?}: set `decimal_separator` under `[import]`"
    )]
    Amounts { cell: String },
    #[error(
        "the amounts in {currency} are written in two ways, such as {:?} and {:?}: mend the file, or set `decimal_separator` under `[import]`",
        cells.0, cells.1
    )]
    MixedAmounts { cells: (String, String), currency: Currency },
    #[error(
        "the profile {profile} finds no column with the currency: say which one is meant with --currency, or `currency` under `[import]`"
    )]
    NoCurrency { profile: String },
}
