//! `dunningd hold`, `release`, `promise` and `dispute`: what people know and the ledger does not.

use anyhow::anyhow;
use chrono::NaiveDate;
use clap::Args;
use rust_decimal::Decimal;
use serde_json::json;

use super::{About, Exit, Format, Globals, Result, amount, date, open, output};
use crate::config;
use crate::contacts::control::{self, ControlKind, NewControl, Subject};
use crate::database::Tx;

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
    #[arg(long, value_parser = date, value_name = "DATE")]
    by: NaiveDate,
    /// What was promised, if not all of it
    #[arg(long, value_parser = amount, value_name = "AMOUNT")]
    amount: Option<Decimal>,
    /// Who said it, and how
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
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
    /// The dispute is settled
    #[arg(long, conflicts_with = "reason")]
    resolve: bool,
}

impl About {
    fn subject(&self) -> Result<Subject> {
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
        author: config::author(),
    };
    enter(globals, new, &said).await
}

pub async fn release(globals: &Globals, args: &Release) -> Result {
    end(globals, ControlKind::Hold, args.about.subject()?, "is released", "is not held").await
}

pub async fn promise(globals: &Globals, args: &Promise) -> Result {
    let subject = args.about.subject()?;
    let said = format!("{subject}: payment is promised by {}", args.by);
    let new = NewControl {
        kind: ControlKind::Promise,
        subject,
        until: Some(args.by),
        amount: args.amount,
        note: args.note.clone(),
        author: config::author(),
    };
    enter(globals, new, &said).await
}

pub async fn dispute(globals: &Globals, args: &Dispute) -> Result {
    let subject = Subject::Invoice(args.invoice.clone());
    if args.resolve {
        return end(globals, ControlKind::Dispute, subject, "is not disputed any more", "has no dispute that was entered here")
            .await;
    }
    let said = format!("{subject} is disputed");
    let author = config::author();
    let new = NewControl { kind: ControlKind::Dispute, subject, until: None, amount: None, note: args.reason.clone(), author };
    enter(globals, new, &said).await
}

async fn enter(globals: &Globals, new: NewControl, said: &str) -> Result {
    let config = open::config(globals)?;
    let db = open::database(&config).await?;
    let mut tx = db.begin().await?;
    control::enter(&mut tx, &new, globals.clock().now()).await?;
    let unknown = !control::is_known(&mut tx, &new.subject).await?;
    let in_flight = in_flight(&mut tx, &new.subject).await?;
    tx.commit().await?;
    if unknown {
        output::remark(&format!("no poll and no import has seen {} yet; it is kept all the same", new.subject));
    }
    if in_flight > 0 {
        output::remark(&format!("{in_flight} e-mails about it are being sent at this moment"));
    }
    say(globals, said, &new.subject, in_flight);
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
