//! The keys of `[review]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// A task for each customer that owes something or has moved, once in each period: a person looks at its credit.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Review {
    /// `"month"`, `"quarter"`, `"half-year"` or `"year"`; or a table by segment: those that it does not name have no reviews.
    every: EveryOrTable,
    /// Each customer has a business day of its own in the period; false: all have the first one. Default: true.
    spread: Option<bool>,
}

/// One period for all, or by segment.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum EveryOrTable {
    All(Every),
    BySegment(BTreeMap<String, Every>),
}

/// A period of the calendar year.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Every {
    Month,
    Quarter,
    HalfYear,
    Year,
}
