//! `merge`, of the file and of a step.

use schemars::JsonSchema;

/// True, false or `"address"`.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Merge {
    Customer(bool),
    By(MergeBy),
}

/// What e-mails are merged by.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum MergeBy {
    /// Customers that share their addresses get one e-mail.
    Address,
}
