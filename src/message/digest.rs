//! What the template of the morning's digest sees (`LANGUAGE/_digest/`): the day of a collector, the yesterday of a manager.
//! As in every context, amounts are exact decimals as text, and what is absent is absent.

pub(super) mod samples;

use chrono::NaiveDate;
use serde::Serialize;

use super::clean;
use super::renderer::{RenderError, Rendered, Renderer};
use super::settings::Company;
use crate::diagnostic::Problem;
use crate::money::{Currency, Money};

/// The folder of its templates, below each language.
pub const FOLDER: &str = "_digest";

/// Everything that the template may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Digest {
    #[serde(serialize_with = "letterhead")]
    pub company: Company,
    pub recipient: String,
    pub today: NaiveDate,
    /// The first and the last day that are reported on: the last business day and what came after it.
    pub since: NaiveDate,
    pub until: NaiveDate,
    /// In the order of the worklist: those that are overdue first, then the most urgent.
    pub tasks: Vec<Task>,
    /// How many of them are overdue.
    pub overdue: usize,
    /// E-mails that wait for the recipient's approval (T34), the oldest first.
    pub approvals: Vec<Approval>,
    /// How many wait that an e-mail of their own shows, and its hour; 0: there is no such e-mail, or nothing waits.
    pub approvals_apart: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvals_at: Option<String>,
    /// What came of the tasks that were done.
    pub results: Vec<Done>,
    /// What came in, of the recipient's customers or of all.
    pub payments: Vec<Payment>,
    /// How many more came in, which are not listed.
    pub more_payments: usize,
    /// What came in, by currency.
    pub received: Vec<Sum>,
    /// E-mails that did not arrive, or of which it is not known.
    pub trouble: Vec<Trouble>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Manager>,
}

pub(super) fn letterhead<S: serde::Serializer>(company: &Company, s: S) -> Result<S::Ok, S::Error> {
    company.letterhead().serialize(s)
}

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sum {
    pub amount: String,
    pub currency: Currency,
}

impl From<Money> for Sum {
    fn from(money: Money) -> Self {
        Self { amount: money.currency.plain(money.amount), currency: money.currency }
    }
}

/// A task that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    pub id: String,
    /// `call`, `review` or another word.
    pub task: String,
    pub customer_id: String,
    pub customer_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The day on which it was to be done.
    pub date: NaiveDate,
    /// Days since then; 0: it is of today.
    pub days_overdue: i64,
    /// What the customer owes of which the due date has passed; empty: nothing.
    pub past_due: Vec<Sum>,
    /// Of its oldest open invoice; 0: nothing is past due.
    pub days_past_due: i64,
    /// Nothing is open any more on the invoices that it is about.
    pub settled: bool,
    /// People look after the customer.
    pub personal: bool,
    /// What somebody wrote to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An e-mail that leaves only if the recipient approves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// What `dunningd approve` and `reject` are told.
    pub id: String,
    pub customer_id: String,
    pub customer_name: String,
    pub step: String,
    /// The day since when it waits.
    pub since: NaiveDate,
    /// The addresses that it goes to.
    pub to: String,
    pub invoices: Vec<Asked>,
    /// How many more it covers, which are not listed.
    pub more_invoices: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The first lines of its text; empty: it could not be rendered.
    pub text: Vec<String>,
    /// From when on it leaves unless the recipient rejects it, a day and an hour; absent: it waits for a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves_from: Option<String>,
}

/// An invoice of such an e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    pub id: String,
    pub days_past_due: i64,
    pub amount: String,
    pub currency: Currency,
}

/// A task that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    pub task: String,
    pub customer_name: String,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Money that came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payment {
    pub customer_name: String,
    pub received_on: NaiveDate,
    pub amount: String,
    pub currency: Currency,
}

/// An e-mail with which something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    pub contact: String,
    /// `failed`, `in-doubt`, or `suppressed`: nothing goes to this address any more.
    pub what: String,
    pub customer_name: String,
    /// The address that was written to.
    pub to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What only the manager reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manager {
    /// What went out, by step, the most first.
    pub sent: Vec<Sent>,
    /// How many e-mails that were to customers.
    pub emails: u64,
    /// The names of the classes of `[aging]`.
    pub buckets: Vec<String>,
    /// What is open, a line for each currency.
    pub open: Vec<Open>,
    pub collectors: Vec<Collector>,
    /// What the polls complained of.
    pub problems: Vec<String>,
}

/// Contacts of a step that went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    pub step: String,
    /// `email` or `notice`.
    pub kind: String,
    pub number: u64,
}

/// What is open in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Open {
    pub currency: Currency,
    /// By the classes of `[aging]`.
    pub amounts: Vec<String>,
    pub past_due: String,
    pub total: String,
}

/// A collector's work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collector {
    /// Absent: tasks of customers without a collector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub tasks: usize,
    pub overdue: usize,
    /// Of the task that has waited the longest.
    pub oldest: i64,
    /// Tasks done in the days that are reported on.
    pub done: usize,
    /// What is past due of this collector's customers.
    pub past_due: Vec<Sum>,
}

/// A text of the ledger or of a person, as one visible line; `None`: nothing is left of it.
#[must_use]
pub fn shown(text: &str) -> Option<String> {
    Some(clean::name(text)).filter(|text| !text.is_empty())
}

/// A line of a letter: its spaces stay, what would leave it does not.
#[must_use]
pub fn visible(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).collect()
}

impl Renderer {
    /// Whether the folder has templates of the digest that this language is answered in.
    #[must_use]
    pub fn has_digest(&self, language: &str) -> bool {
        self.speaks(FOLDER, language)
    }

    /// Writes a digest.
    ///
    /// # Errors
    /// The place in the template, and what is wrong there.
    pub fn digest(&self, language: &str, digest: &Digest) -> Result<Rendered, RenderError> {
        self.render(FOLDER, language, digest)
    }

    /// What is wrong with the digest in its language, before the cases that it has to stand; each problem once.
    #[must_use]
    pub fn check_digest(&self, language: &str, company: &Company) -> Vec<Problem> {
        if !self.has_digest(language) {
            return Vec::new();
        }
        let tried = samples::samples(company).into_iter().map(|(case, sample)| (case, self.digest(language, &sample)));
        wrong(FOLDER, "digest", tried)
    }
}

/// What is wrong with cases that were tried, each problem once.
pub(super) fn wrong(
    folder: &str,
    name: &str,
    tried: impl Iterator<Item = (&'static str, Result<Rendered, RenderError>)>,
) -> Vec<Problem> {
    let mut found: Vec<Problem> = Vec::new();
    for (case, rendered) in tried {
        let message = match rendered {
            Ok(rendered) if rendered.subject.is_empty() => format!("the subject of the {name} is empty (case: {case})"),
            Ok(_) => continue,
            Err(error) => format!("the {name} cannot be written: {error} (case: {case})"),
        };
        found.push(Problem::error(folder, "", None, message).help(format!("docs/templates.md says what a {name} may name")));
    }
    found.dedup_by(|a, b| a.message.split(" (case").next() == b.message.split(" (case").next());
    found
}

#[cfg(test)]
mod tests;
