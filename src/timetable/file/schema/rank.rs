//! The keys of `[rank]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// Ranks that the books suggest, as of the first of each month: each of volume, lateness and margin has a rank of its own (A 4
/// points, B 3, C 2, D 1), and the weighted average of the points is the customer's. `dunningd rank` shows them.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rank {
    /// Which rank the timetable, the reports and the worklist see: the `"ledger"`'s; `"missing"`: the computed one where the
    /// ledger has none; `"computed"`: the computed one. Default: `"ledger"`.
    #[schemars(rename = "use")]
    uses: Option<Use>,
    /// How many months before the first of this month count. Default: 12.
    months: Option<u32>,
    /// What was invoiced in that time: from so much on A, B or C; `[rank.volume.EUR]` has limits for one currency.
    /// Default: `{ A = 100000, B = 25000, C = 5000 }`.
    volume: Option<BTreeMap<String, NumberOrTable>>,
    /// The days late on average: up to so many A, B or C. Default: `{ A = 5, B = 15, C = 30 }`.
    days_late: Option<BTreeMap<String, Number>>,
    /// The margin in percent: from so many on A, B or C. Default: `{ A = 30, B = 20, C = 10 }`.
    margin: Option<BTreeMap<String, Number>>,
    /// The column of the customers that has the margin. Default: `"margin"`.
    margin_column: Option<String>,
    /// How much each counts. Default: `{ volume = 1, days_late = 2, margin = 1 }`.
    weights: Option<Weights>,
}

/// How much each part of a rank counts.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "RankWeights")]
struct Weights {
    /// What was invoiced. Default: 1.
    volume: Option<Number>,
    /// The days late on average. Default: 2.
    days_late: Option<Number>,
    /// The margin. Default: 1.
    margin: Option<Number>,
}

/// Which rank counts.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase", rename = "UseOfRanks")]
enum Use {
    Ledger,
    Missing,
    Computed,
}

/// A number, or a table of the limits of one currency.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "LimitOrTable")]
enum NumberOrTable {
    Number(f64),
    Text(String),
    Table(BTreeMap<String, Number>),
}

/// A number, such as 1.5.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "Limit")]
enum Number {
    Number(f64),
    Text(String),
}
