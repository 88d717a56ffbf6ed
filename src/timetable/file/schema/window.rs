//! Windows, described as in [`schema`](super).
#![expect(dead_code, reason = "described, never made")]

use schemars::JsonSchema;

use super::OneOrMany;

/// When e-mails and notices may leave.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Window {
    /// `"mon-fri"`, `"mon,wed-fri"` or `["mon", "tue"]`.
    days: Option<OneOrMany>,
    /// The first minute, such as `"08:00"`.
    from: Option<String>,
    /// The end, such as `"17:30"`: not included.
    to: Option<String>,
}

/// When e-mails leave to the customers of some countries or segments; what it leaves out is as for the company.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct CustomerWindow {
    /// For customers of these countries, as the ledger writes them, in letters of either case.
    countries: Option<OneOrMany>,
    /// For customers of these segments.
    segments: Option<OneOrMany>,
    /// The zone of its times, such as `Asia/Tokyo`.
    time_zone: Option<String>,
    /// `"mon-fri"`, `"mon,wed-fri"` or `["mon", "tue"]`.
    days: Option<OneOrMany>,
    /// The first minute, such as `"09:00"`.
    from: Option<String>,
    /// The end, such as `"16:00"`: not included.
    to: Option<String>,
}
