//! The keys of `[approval]`.

use schemars::JsonSchema;

use super::OneOrMany;

/// How those are told who decide about e-mails that wait for approval (T34).
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Approval {
    /// The hour, `"09:00"` in `time_zone`, of an e-mail of its own to whoever decides, on business days and only if something
    /// waits. Default: none; the digest tells it.
    at: Option<String>,
    /// Whom that e-mail goes to where the customer has no collector: an address or several. Default: `manager` of `[digest]`.
    to: Option<OneOrMany>,
}
