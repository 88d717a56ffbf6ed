//! `dunningd hold`, `release`, `promise` and `dispute`: what people know and the ledger does not.

use anyhow::anyhow;
use chrono::NaiveDate;
use clap::Args;
use rust_decimal::Decimal;
use serde_json::json;

use super::{About, Exit, Format, Globals, Result, amount, date, open, output};
use crate::config;
use crate::contacts::control::{self, ControlKind, NewControl, Subject};
use crate::contacts::promise::{self, Part};
use crate::database::Tx;
use crate::diagnostic::nearest;
use crate::timetable::{Timetable, calendar};

/// Stops the timetable.
#[derive(Debug, Args)]
pub struct Hold {
    #[command(flatten)]
    about: About,
    /// The last day of the hold (that day included); without it, until `release`
    #[arg(long, value_parser = date, value_name = "DATE")]
    until: Option<NaiveDate>,
    /// Why, for the log
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Resumes the timetable.
#[derive(Debug, Args)]
pub struct Release {
    #[command(flatten)]
    about: About,
}

/// A promise to pay.
#[derive(Debug, Args)]
pub struct Promise {
    #[command(flatten)]
    about: About,
    /// The promised day
    #[arg(long, value_parser = date, value_name = "DATE", required_unless_present = "plan")]
    by: Option<NaiveDate>,
    /// What was promised, if not all of it
    #[arg(long, value_parser = amount, value_name = "AMOUNT", requires = "by")]
    amount: Option<Decimal>,
    /// A payment plan: an instalment and its day; several times
    #[arg(long, value_parser = instalment, value_name = "DATE=AMOUNT", conflicts_with = "by")]
    plan: Vec<Part>,
    /// Who said it, and how
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

fn instalment(text: &str) -> Result<Part, String> {
    let (by, sum) = text.split_once('=').ok_or("write an instalment as 2026-12-15=500")?;
    let amount = amount(sum)?;
    match amount > Decimal::ZERO {
        true => Ok(Part { by: date(by)?, amount: Some(amount) }),
        false => Err("an instalment is more than 0".to_owned()),
    }
}

/// A dispute.
#[derive(Debug, Args)]
pub struct Dispute {
    /// The invoice's id
    #[arg(long, value_name = "ID")]
    invoice: String,
    /// What is disputed
    #[arg(long, value_name = "TEXT", required_unless_present = "resolve")]
    reason: Option<String>,
    /// The same in one word: goods, price, quantity, delivery, quality, other, or the file's own
    #[arg(long, value_name = "WORD", conflicts_with = "resolve")]
    code: Option<String>,
    /// The dispute is settled
    #[arg(long, conflicts_with = "reason")]
    resolve: bool,
}

/// Refuses a word for what is disputed that the timetable does not know.
pub fn known_code(timetable: &Timetable, code: &str) -> Result<()> {
    let known = &timetable.worklist.dispute_codes;
    if known.iter().any(|k| k == code) {
        return Ok(());
    }
    let near = nearest(code, known.iter().map(String::as_str)).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
    let known = known.join(", ");
    Err(anyhow!("--code {code:?} is no word for a dispute{near} Known: {known} (dispute_codes of [worklist] in timetable.toml)")
        .into())
}

impl About {
    /// The one that is named.
    pub(super) fn subject(&self) -> Result<Subject> {
        match (&self.invoice, &self.customer) {
            (Some(id), None) => Ok(Subject::Invoice(id.clone())),
            (None, Some(id)) => Ok(Subject::Customer(id.clone())),
            _ => Err(anyhow!("name one of --invoice and --customer").into()),
        }
    }
}

pub async fn hold(globals: &Globals, args: &Hold) -> Result {
    let subject = args.about.subject()?;
    let said = match args.until {
        Some(until) => format!("{subject} is held until {until}, that day included"),
        None => format!("{subject} is held until it is released"),
    };
    let new = NewControl {
        kind: ControlKind::Hold,
        subject,
        until: args.until,
        amount: None,
        note: Some(args.reason.clone()),
        code: None,
        author: config::author(),
    };
    enter(globals, new, &said).await
}

pub async fn release(globals: &Globals, args: &Release) -> Result {
    end(globals, ControlKind::Hold, args.about.subject()?, "is released", "is not held").await
}

pub async fn promise(globals: &Globals, args: &Promise) -> Result {
    let subject = args.about.subject()?;
    let mut parts = args.plan.clone();
    parts.extend(args.by.map(|by| Part { by, amount: args.amount }));
    if args.amount.is_some_and(|amount| amount <= Decimal::ZERO) {
        return Err(anyhow!("--amount: a promise is of more than 0").into());
    }
    parts.sort_by_key(|p| p.by);
    if let Some(twice) = parts.windows(2).find(|two| two[0].by == two[1].by) {
        return Err(anyhow!("--plan names {} twice: give each day one amount", twice[0].by).into());
    }
    let config = open::config(globals)?;
    let zone = open::timetable(&config)?.time_zone;
    let (now, author) = (globals.clock().now(), config::author());
    let today = calendar::local(zone, now).0;
    let db = open::database(&config).await?;
    let mut tx = db.begin().await?;
    promise::enter(&mut tx, &subject, &parts, (args.note.as_deref(), &author), (today, now)).await?;
    let of = |p: &Part| p.amount.map_or_else(|| format!("by {}", p.by), |amount| format!("{amount} by {}", p.by));
    let what = parts.iter().map(of).collect::<Vec<_>>().join(", ");
    entered(globals, tx, &subject, &format!("{subject}: payment is promised {what}")).await
}

pub async fn dispute(globals: &Globals, args: &Dispute) -> Result {
    let subject = Subject::Invoice(args.invoice.clone());
    if args.resolve {
        return end(globals, ControlKind::Dispute, subject, "is not disputed any more", "has no dispute that was entered here")
            .await;
    }
    if let Some(code) = &args.code {
        known_code(&open::timetable(&open::config(globals)?)?, code)?;
    }
    let said = format!("{subject} is disputed");
    let (code, author) = (args.code.clone(), config::author());
    let new =
        NewControl { kind: ControlKind::Dispute, subject, until: None, amount: None, note: args.reason.clone(), code, author };
    enter(globals, new, &said).await
}

async fn enter(globals: &Globals, new: NewControl, said: &str) -> Result {
    let config = open::config(globals)?;
    let db = open::database(&config).await?;
    let mut tx = db.begin().await?;
    control::enter(&mut tx, &new, globals.clock().now()).await?;
    entered(globals, tx, &new.subject, said).await
}

/// Commits what was entered, and says what to know beside it.
async fn entered(globals: &Globals, mut tx: Tx, subject: &Subject, said: &str) -> Result {
    let unknown = !control::is_known(&mut tx, subject).await?;
    let in_flight = in_flight(&mut tx, subject).await?;
    tx.commit().await?;
    if unknown {
        output::remark(&format!("no poll and no import has seen {subject} yet; it is kept all the same"));
    }
    if in_flight > 0 {
        output::remark(&format!("{in_flight} e-mails about it are being sent at this moment"));
    }
    say(globals, said, subject, in_flight);
    Ok(Exit::Done)
}

async fn end(globals: &Globals, kind: ControlKind, subject: Subject, said: &str, not: &str) -> Result {
    let config = open::config(globals)?;
    let db = open::database(&config).await?;
    let mut tx = db.begin().await?;
    let was = control::end(&mut tx, kind, &subject, &config::author(), globals.clock().now()).await?;
    tx.commit().await?;
    let said = if was { said } else { not };
    say(globals, &format!("{subject} {said}"), &subject, 0);
    Ok(Exit::Done)
}

async fn in_flight(tx: &mut Tx, subject: &Subject) -> Result<u64> {
    Ok(control::in_flight(tx, subject).await?)
}

fn say(globals: &Globals, said: &str, subject: &Subject, in_flight: u64) {
    match globals.format {
        Format::Text => output::line(said),
        Format::Json => {
            let (invoice, customer) = match subject {
                Subject::Invoice(id) => (Some(id), None),
                Subject::Customer(id) => (None, Some(id)),
            };
            output::json(&json!({ "said": said, "invoice": invoice, "customer": customer, "in_flight": in_flight }));
        }
    }
}
