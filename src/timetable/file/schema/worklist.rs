//! The keys of `[worklist]`.

use schemars::JsonSchema;

/// How people work through their tasks.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Worklist {
    /// Business days after a call that reached nobody (`voicemail`, `unreachable`), until the next try. Default: 2.
    retry_days: Option<u32>,
}
