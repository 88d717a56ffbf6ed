//! `dunningd tasks`: the worklist.

mod calendar;
mod change;
mod explain;
mod list;
mod paper;
mod show;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use rust_decimal::Decimal;

use super::{Globals, Result, amount, date};
use crate::address::EmailAddress;
use crate::worklist::calendar::Entries;
use crate::worklist::{Due, Outcome};

/// The worklist; without a word, its open tasks.
#[derive(Debug, Args)]
pub struct Tasks {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The open tasks, the overdue ones first, then the most urgent (the default)
    #[command(
        after_help = "Example: dunningd tasks list --mine ada@example.com --due today\n         dunningd tasks list --by collector\n         dunningd tasks list --all"
    )]
    List(List),
    /// All that one needs for the call: the phone number, what is owed, what was said, and what the next e-mail will say
    #[command(after_help = "Example: dunningd tasks show 01J…")]
    Show {
        /// The task's id, as `tasks list` shows it
        id: String,
    },
    /// How a task's priority came about: each factor with its figure from the books
    #[command(after_help = "Example: dunningd tasks explain 01J…")]
    Explain {
        /// The task's id, as `tasks list` shows it
        id: String,
    },
    /// Tasks are done, and what came of it
    #[command(
        after_help = "Example: dunningd tasks done 01J… --result promise --promise 2026-12-15 --amount 500\n         dunningd tasks done 01J… --result voicemail\n         dunningd tasks done 01J… --note \"pays on Friday\""
    )]
    Done(Done),
    /// A task sleeps, that day included
    #[command(after_help = "Example: dunningd tasks snooze 01J… --until 2026-12-04")]
    Snooze {
        /// The task's id, as `tasks list` shows it
        id: String,
        /// The last day of its sleep
        #[arg(long, value_parser = date, value_name = "DATE")]
        until: NaiveDate,
    },
    /// A task goes to another collector
    #[command(after_help = "Example: dunningd tasks assign 01J… --to ada@example.com")]
    Assign {
        /// The task's id, as `tasks list` shows it
        id: String,
        /// Whose it is from now on
        #[arg(long, value_parser = EmailAddress::parse, value_name = "ADDRESS")]
        to: EmailAddress,
    },
    /// A task that the timetable does not have
    #[command(
        after_help = "Example: dunningd tasks add --customer C-1042 --task call --note \"ask for Ms Weber\" --due 2026-12-04\n         dunningd tasks add --invoice 2026-0142 --task visit --note \"on the way to the fair\""
    )]
    Add(Add),
    /// The tasks as a calendar (RFC 5545), for a calendar program
    #[command(
        after_help = "Example: dunningd tasks calendar --collector ada@example.com --out ada.ics\n         dunningd tasks calendar --entries events > all.ics"
    )]
    Calendar(Calendar),
}

/// Which tasks.
#[derive(Debug, Default, Args)]
struct List {
    /// Only those of this collector
    #[arg(long, value_name = "ADDRESS")]
    mine: Option<String>,
    /// A table for each of these
    #[arg(long, value_enum, value_name = "WHAT")]
    by: Option<By>,
    /// Only those that are due: today or before, within seven days, or before today
    #[arg(long, value_enum)]
    due: Option<Until>,
    /// Only those of this customer
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// Also those that are done or sleep
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Collector,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Until {
    Today,
    Week,
    Overdue,
}

impl From<Until> for Due {
    fn from(until: Until) -> Self {
        match until {
            Until::Today => Self::Today,
            Until::Week => Self::Week,
            Until::Overdue => Self::Overdue,
        }
    }
}

/// A calendar.
#[derive(Debug, Args)]
struct Calendar {
    /// Only the tasks of this collector
    #[arg(long, value_name = "ADDRESS")]
    collector: Option<String>,
    /// The file to write [default: the standard output]
    #[arg(long, value_name = "FILE.ics")]
    out: Option<PathBuf>,
    /// What a task is in it: tasks, or events of the whole day for programs that know no tasks [default: what `[calendar]` of
    /// dunningd.toml says, else tasks]
    #[arg(long, value_name = "WHAT")]
    entries: Option<Entries>,
}

/// What came of it.
#[derive(Debug, Args)]
struct Done {
    /// The tasks' ids, as `tasks list` shows them: one call may be about several
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// reached, voicemail, unreachable, invoice-not-received, waiting-for-approval, dispute, payment-sent or promise
    #[arg(long, value_name = "RESULT", required_unless_present_any = ["note", "promise"])]
    result: Option<Outcome>,
    /// What was said
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// The day by which they will pay
    #[arg(long, value_parser = date, value_name = "DATE")]
    promise: Option<NaiveDate>,
    /// How much they will pay then, if not all of it
    #[arg(long, value_parser = amount, value_name = "AMOUNT", requires = "promise")]
    amount: Option<Decimal>,
    /// What is disputed, in one word: goods, price, quantity, delivery, quality, other, or the file's own
    #[arg(long, value_name = "WORD")]
    code: Option<String>,
}

/// A task by hand.
#[derive(Debug, Args)]
struct Add {
    /// The customer's id
    #[arg(long, value_name = "ID", required_unless_present = "invoice")]
    customer: Option<String>,
    /// The invoice's id, if it is about one
    #[arg(long, value_name = "ID")]
    invoice: Option<String>,
    /// One word: call, review, visit, …
    #[arg(long, value_parser = word, value_name = "WORD")]
    task: String,
    /// What is to be done
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// The day by which it is to be done [default: today]
    #[arg(long, value_parser = date, value_name = "DATE")]
    due: Option<NaiveDate>,
    /// Whose it is [default: the customer's collector]
    #[arg(long, value_parser = EmailAddress::parse, value_name = "ADDRESS")]
    to: Option<EmailAddress>,
}

/// As the words of the timetable's tasks are.
fn word(text: &str) -> Result<String, String> {
    match text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        true => Err("a task is one word, such as call or credit-check".to_owned()),
        false => Ok(text.to_owned()),
    }
}

pub async fn run(globals: &Globals, args: &Tasks) -> Result {
    match &args.what {
        None => list::run(globals, &List::default()).await,
        Some(What::List(args)) => list::run(globals, args).await,
        Some(What::Show { id }) => show::run(globals, id).await,
        Some(What::Explain { id }) => explain::run(globals, id).await,
        Some(What::Done(args)) => change::done(globals, args).await,
        Some(What::Snooze { id, until }) => change::snooze(globals, id, *until).await,
        Some(What::Assign { id, to }) => change::assign(globals, id, to).await,
        Some(What::Add(args)) => change::add(globals, args).await,
        Some(What::Calendar(args)) => calendar::run(globals, args).await,
    }
}
