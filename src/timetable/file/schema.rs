//! Every key of `timetable.toml`, described once: the JSON Schema for editors and the reference page are made from this.
//! The reader is by hand, for its messages; a test asks it for its keys and compares. Nothing of this is in the program.
#![expect(dead_code, reason = "described, never made")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

mod aging;
mod approval;
mod case;
mod interest;
mod merge;
mod priority;
mod rank;
mod review;
mod window;
mod worklist;

use self::window::{CustomerWindow, Window};

/// `timetable.toml`: what is sent to whom, and when. Rows are steps, columns are segments, cells are days from the due
/// date.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct File {
    /// The zone of the company, such as `Europe/Berlin`. "Today" is the date there (T1).
    time_zone: String,
    /// When e-mails and notices may leave (T5). Default: mon-fri, 08:00 to 18:00.
    send_window: Option<Window>,
    /// Days on which nothing leaves (T3): own dates, `"2026-12-24"`, and codes of countries or parts of them, `"DE-BY"`, whose
    /// public holidays count.
    holidays: Option<OneOrMany>,
    /// Whether the public holidays of the customer's own country count for its steps, too (T3). Default: false.
    customer_holidays: Option<bool>,
    /// Full days between two due-date e-mails to one customer (T16). Default: 3.
    quiet_days: Option<u32>,
    /// How many days late a step may still go out (T13). Default: 10.
    grace_days: Option<u32>,
    /// Smaller open balances get no e-mail (T19): one amount, or a table by currency. Default: 0.
    min_balance: Option<AmountOrTable>,
    /// Steps whose send date is before it are never sent (T10). Default: the day of the first poll that may send.
    go_live: Option<Date>,
    /// Days after a promised date before the timetable goes on (T19). Default: 2.
    promise_grace_days: Option<u32>,
    /// How far a due date must move before a step that is done comes again (T18). Default: 14.
    resend_after_days: Option<u32>,
    /// An e-mail leaves only if the ledger was read within this time; else it is read again first (T26). Default: `"15m"`.
    recheck_after: Option<String>,
    /// So many times the usual number of e-mails of a day wait for a person's word (T28). 0 switches it off. Default: 5.
    volume_guard: Option<Amount>,
    /// When e-mails leave to some customers, instead of `send_window`; the first that is for one counts (T5).
    customer_window: Option<Vec<CustomerWindow>>,
    /// Which e-mails of a day and kind become one (T22): `true`, those of a customer; `"address"`, those of customers that
    /// have the same addresses and language; `false`, none. Default: true.
    merge: Option<merge::Merge>,
    /// The classes of invoices by their total: a name and its threshold; below all of them: small (T7). `[sizes.EUR]` has
    /// thresholds for one currency.
    sizes: Option<BTreeMap<String, AmountOrTable>>,
    /// The groups of customers; the first that matches counts, and the last one is everybody else (T6).
    segment: Vec<Segment>,
    /// The rows of the timetable.
    step: Vec<Step>,
    /// The settings of single customers, by id; they win over everything else (T8).
    customer: Option<BTreeMap<String, Customer>>,
    /// Interest on late payments and a fixed compensation, which a template may show; nothing is booked.
    interest: Option<interest::Interest>,
    /// The classes of `dunningd aging`, by days past due.
    aging: Option<aging::Aging>,
    /// What makes one task more urgent than another: the factors whose product is its priority.
    priority: Option<priority::Priority>,
    /// How ranks are computed from the books, and whether they count.
    rank: Option<rank::Rank>,
    /// A task for each customer, once in each period: a person looks at its credit.
    review: Option<review::Review>,
    /// How those are told who decide about e-mails that wait for approval (T34).
    approval: Option<approval::Approval>,
    /// How people work through their tasks.
    worklist: Option<worklist::Worklist>,
    /// What the company expects of its timetable; `check` plays each of them.
    case: Option<Vec<case::Case>>,
}

/// A group of customers.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Segment {
    /// The word that the steps use.
    name: String,
    /// Who belongs to it; the last segment has none.
    #[schemars(rename = "match")]
    matches: Option<Match>,
    /// Whether people look after its customers: e-mails wait for approval, tasks are marked. Default: as `[priority]` finds them.
    personal: Option<bool>,
    /// Whether e-mails to its customers leave only after `dunningd approve`, or with `"veto"` unless somebody objects (T34).
    /// Default: false.
    approve: Option<approval::Approve>,
}

/// Who belongs to a segment: each key that is given must hold.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Match {
    /// The customer's rank is one of these: A to D.
    rank: Option<Ranks>,
    /// Its country is one of these, as the ledger writes it.
    country: Option<OneOrMany>,
    /// One of its open invoices has one of these currencies.
    currency: Option<OneOrMany>,
    /// Its earliest invoice ever seen is less than so many days old.
    customer_for_days_below: Option<u32>,
    /// Its earliest invoice ever seen is so many days old or more.
    customer_for_days_from: Option<u32>,
    /// What is open on all its invoices reaches this in one currency.
    open_balance_from: Option<Amount>,
    /// What is open on all its invoices reaches this in no currency.
    open_balance_below: Option<Amount>,
}

/// A row of the timetable: one action, and `days`, `on` or `after`.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Step {
    /// One word; contacts are logged under it.
    id: String,
    /// An e-mail to the customer, from the template of this name.
    email: Option<String>,
    /// Work for the customer's collector: `call`, `review`, `dispute`, `credit-hold`, or a word of your own (T24).
    task: Option<String>,
    /// An e-mail to a colleague, from the template of this name.
    notify: Option<String>,
    /// Whom `notify` goes to: `account_manager`, `collector` or an address.
    to: Option<String>,
    /// Days from the due date, negative before it; business days as `"5bd"`: one for all, or a table by segment (T2).
    days: Option<Days>,
    /// What it waits for instead of a day (T20).
    on: Option<Event>,
    /// The id of an e-mail that it follows if that was sent and stayed without answer (T33); alone, or with `days`.
    after: Option<String>,
    /// Full days of silence after that e-mail. Default: 7.
    silent_days: Option<u32>,
    /// It comes again after so many days (T4).
    repeat_every: Option<u32>,
    /// The last day on which it may come again, from the due date.
    repeat_until: Option<i32>,
    /// Its own `grace_days` (T13).
    grace_days: Option<u32>,
    /// Only for invoices of these sizes (T7).
    sizes: Option<OneOrMany>,
    /// Only for customers of these ranks.
    ranks: Option<Ranks>,
    /// Only for these segments.
    segments: Option<OneOrMany>,
    /// Only for invoices in these currencies.
    currencies: Option<OneOrMany>,
    /// Its own `merge` (T22). Default: the one of the file.
    merge: Option<merge::Merge>,
    /// Whether the invoices' documents go with its e-mails. Default: with those that have `days`.
    attach: Option<bool>,
    /// Days from the e-mail to a new deadline, a business day, which its template prints as `pay_by`.
    pay_within: Option<u32>,
    /// Whether its e-mails leave only after `dunningd approve`, or with `"veto"` unless somebody objects (T34). Default: as the
    /// segment says.
    approve: Option<approval::Approve>,
    /// Whether its e-mails and notices may show interest, where there is `[interest]`. Default: true.
    interest: Option<bool>,
    /// The ids that this step had before (T31).
    renamed_from: Option<OneOrMany>,
}

/// The settings of one customer.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Customer {
    /// The segment, whatever the ledger says.
    segment: Option<String>,
    /// Steps that it never gets.
    skip_steps: Option<OneOrMany>,
    /// Steps whose limits do not apply to it.
    extra_steps: Option<OneOrMany>,
    /// Whom e-mails go to instead.
    to: Option<OneOrMany>,
    /// Who gets a copy.
    cc: Option<OneOrMany>,
    /// The language of its e-mails.
    language: Option<String>,
    /// Its own `quiet_days`.
    quiet_days: Option<u32>,
    /// Whether its e-mails leave only after `dunningd approve`, or with `"veto"` unless somebody objects (T34).
    approve: Option<approval::Approve>,
    /// Whether people look after it: e-mails wait for approval, tasks are marked. Default: as its segment says.
    personal: Option<bool>,
    /// Nothing is sent until then, that day included.
    paused_until: Option<Date>,
}

/// A date, in quotes or bare: `2026-12-25`.
#[derive(Debug, JsonSchema)]
#[schemars(transparent)]
struct Date(#[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))] String);

/// An exact amount: `"5.00"`, or a whole number.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum Amount {
    Text(String),
    Whole(i64),
}

/// An amount, or a table of amounts by currency.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum AmountOrTable {
    One(Amount),
    Table(BTreeMap<String, Amount>),
}

/// A text, or a list of texts.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Days for all segments, or by segment.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum Days {
    All(Offset),
    BySegment(BTreeMap<String, Offset>),
}

/// Calendar days as a number, business days as `"5bd"`.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum Offset {
    Days(i32),
    BusinessDays(#[schemars(regex(pattern = r"^-?[1-9][0-9]*bd$"))] String),
}

/// A rank of a customer.
#[derive(Debug, JsonSchema)]
enum Rank {
    A,
    B,
    C,
    D,
}

/// A rank, or a list of them.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum Ranks {
    One(Rank),
    Many(Vec<Rank>),
}

/// What happens to an invoice.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Event {
    /// It is seen for the first time.
    Issued,
    /// It is paid in full, by a payment.
    Paid,
    /// A payment leaves a balance.
    PartlyPaid,
    /// A promise to pay has run out.
    PromiseBroken,
    /// It becomes disputed.
    Disputed,
}
