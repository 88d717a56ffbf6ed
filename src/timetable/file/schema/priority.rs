//! The keys of `[priority]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// What makes one task more urgent than another: the priority is the product of these factors. Each is between 0 and 100; 1
/// changes nothing.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Priority {
    /// By the class of the oldest invoice: one factor for each class of `[aging]`, the first for what is not due. Default:
    /// 0.5, then 1, 2, 3, …
    aging: Option<Vec<Factor>>,
    /// By the customer's rank: A to D, and `none`. Default: `{ A = 1, B = 1.25, C = 1.5, D = 2, none = 1.25 }`.
    rank: Option<BTreeMap<String, Factor>>,
    /// By the days since the customer was heard from: from so many days on, the factor; `never`: not since the oldest open
    /// invoice was issued. Default: `{ 0 = 1, 14 = 1.25, 30 = 1.5, never = 4 }`.
    silence: Option<BTreeMap<String, Factor>>,
    /// By the size of what is past due, in the names of `[sizes]`. Default: from 1 for small to 2 for the largest, in even
    /// steps; without `[sizes]` medium from 1000 and large from 10000.
    amount: Option<BTreeMap<String, Factor>>,
    /// By the number of promises that were broken: from so many on, the factor. Default: `{ 1 = 1.5, 2 = 2 }`.
    broken: Option<BTreeMap<String, Factor>>,
    /// By how many days late invoices were paid on average: from so many on, the factor. Default: `{ 15 = 1.25, 30 = 1.5 }`.
    days_late: Option<BTreeMap<String, Factor>>,
    /// More is open than the credit limit. Default: 1.5.
    over_limit: Option<Factor>,
    /// No e-mail reaches the customer: it has no address, or they are all suppressed. Default: 1.5.
    no_email: Option<Factor>,
    /// `"pareto"`: people look after the few customers that make 80 % of what is open in a currency, 20 % of them at the most.
    /// Their e-mails wait for approval, and their tasks are marked. Default: false.
    personal: Option<Pareto>,
    /// Of the tasks of customers that people look after. Default: 1.5.
    personal_factor: Option<Factor>,
    /// How many days of the past count for `broken` and `days_late`. Default: 365.
    look_back: Option<u32>,
}

/// `"pareto"` or false.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum Pareto {
    Word(ParetoWord),
    No(#[schemars(extend("const" = false))] bool),
}

/// The customers that owe the most.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum ParetoWord {
    Pareto,
}

/// A number, such as 1.5.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum Factor {
    Number(f64),
    Text(String),
}
