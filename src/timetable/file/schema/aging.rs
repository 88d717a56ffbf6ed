//! `[aging]`.

use schemars::JsonSchema;

/// The classes into which open balances fall by how long they are past due.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Aging {
    /// The last day of each class but the last, which has no end. Default: `[30, 60, 90]`.
    buckets: Option<Vec<u32>>,
}
