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
    /// Business days after the forewarning until an e-mail with `approve = "veto"` leaves to which nobody objects. Default: 1.
    veto_days: Option<u32>,
}

/// `true`, `false` or `"veto"`.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Approve {
    /// true: it leaves once somebody has approved it.
    Word(bool),
    Veto(Veto),
}

/// It leaves unless somebody who was told of it objects.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Veto {
    Veto,
}
