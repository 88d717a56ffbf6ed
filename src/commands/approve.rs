//! `dunningd approve` and `dunningd reject`: the word of a person, without which some e-mails do not leave (T34).

use anyhow::anyhow;
use clap::Args;

use super::{Exit, Format, Globals, Result, open, output};
use crate::address::EmailAddress;
use crate::config;
use crate::contacts::approval::{self, Answer, Answered};
use crate::contacts::entry::{self, Entry, Filter};
use crate::contacts::{Journal, claim};
use crate::database::Tx;

/// What may leave.
#[derive(Debug, Args)]
pub struct Approve {
    /// The contacts' ids; without any, those that wait are shown
    #[arg(value_name = "ID")]
    contacts: Vec<String>,
    /// All that wait
    #[arg(long, conflicts_with = "contacts")]
    all: bool,
    /// Only those of the customers of this collector
    #[arg(long, value_name = "ADDRESS", conflicts_with = "contacts")]
    collector: Option<String>,
}

/// What never leaves.
#[derive(Debug, Args)]
pub struct Reject {
    /// The contacts' ids, as `dunningd approve` shows them
    #[arg(value_name = "ID", required = true)]
    contacts: Vec<String>,
    /// Why, for the log
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub async fn approve(globals: &Globals, args: &Approve) -> Result {
    let config = open::config(globals)?;
    let collector = args.collector.as_deref().map(EmailAddress::parse).transpose();
    let collector = collector.map_err(|reason| anyhow!("--collector is no address: {reason}"))?.map(|a| a.to_string());
    if args.contacts.is_empty() && !args.all {
        let db = open::database_to_look(&config).await?;
        let mut tx = db.snapshot().await?;
        let ids = approval::waiting(&mut tx, collector.as_deref()).await?;
        let waiting = entry::list(&mut tx, &Filter { contacts: Some(ids), ..Filter::default() }).await?;
        show(globals.format, &waiting);
        return Ok(Exit::Done);
    }
    let db = open::database(&config).await?;
    let mut tx = db.begin().await?;
    let ids = match args.all {
        true => approval::waiting(&mut tx, collector.as_deref()).await?,
        false => args.contacts.clone(),
    };
    answer(globals, &mut tx, &ids, Answer::Approve).await?;
    tx.commit().await?;
    if globals.format == Format::Text {
        match ids.len() {
            0 => output::line("nothing waits for approval"),
            n => output::line(format!("{n} approved: they leave with the next delivery inside the send window")),
        }
    }
    Ok(Exit::Done)
}

pub async fn reject(globals: &Globals, args: &Reject) -> Result {
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(anyhow!("the reason is empty: the log keeps it for good").into());
    }
    let config = open::config(globals)?;
    let db = open::database(&config).await?;
    let mut tx = db.begin().await?;
    answer(globals, &mut tx, &args.contacts, Answer::Reject(reason)).await?;
    tx.commit().await?;
    if globals.format == Format::Text {
        output::line(format!("{} rejected: these steps never go out for these invoices", args.contacts.len()));
    }
    Ok(Exit::Done)
}

/// All of them or, with an error that names the first that cannot be answered for, none.
async fn answer(globals: &Globals, tx: &mut Tx, ids: &[String], what: Answer<'_>) -> anyhow::Result<()> {
    let (author, now) = (config::author(), globals.clock().now());
    // Whoever plans or sends just now sees it before or after, and not half.
    claim::controls_change(tx).await?;
    let mut journal = Journal::default();
    for id in ids {
        match approval::answer(tx, &mut journal, id, what, &author, now).await? {
            Answered::Yes => {}
            Answered::NoSuchContact => {
                return Err(anyhow!("there is no contact {id}; `dunningd approve` shows those that wait for approval"));
            }
            Answered::NotAsked(state) => return Err(anyhow!("the contact {id} waits for no approval: it is {state}")),
        }
    }
    journal.write(tx, now).await?;
    if globals.format == Format::Json {
        let filter = Filter { contacts: Some(ids.to_vec()), ..Filter::default() };
        entry::list(tx, &filter).await?.iter().for_each(output::json);
    }
    Ok(())
}

fn show(format: Format, waiting: &[Entry]) {
    if format == Format::Json {
        return waiting.iter().for_each(output::json);
    }
    if waiting.is_empty() {
        return output::line("nothing waits for approval");
    }
    let mut table = output::table(&["CONTACT", "SINCE", "LEAVES", "STEP", "CUSTOMER", "INVOICES", "OPEN", "TO", "ASKS"]);
    for e in waiting {
        let mut invoices: Vec<String> = e.invoices.iter().map(|i| i.id.clone()).collect();
        invoices.dedup();
        table.add_row([
            e.contact.clone().unwrap_or_default(),
            e.asked_on.map(|d| d.to_string()).unwrap_or_default(),
            leaves(e),
            output::visible(&e.step),
            output::visible(&e.customer),
            output::visible(&output::few(&invoices, 3)),
            output::open(e),
            output::visible(&output::few(&e.to, 1)),
            output::visible(e.asks.as_deref().unwrap_or("–")),
        ]);
    }
    output::show(&table);
    if waiting.iter().any(|e| e.veto) {
        output::line(
            "LEAVES: from then on, unless it is rejected before; \"not told\": its day begins once somebody was told of it",
        );
    }
    output::line("`dunningd approve ID` lets one leave, `dunningd reject ID --reason TEXT` says that it never does");
}

/// From when on it leaves by itself.
fn leaves(waits: &Entry) -> String {
    match (&waits.told, waits.veto) {
        (Some(told), _) => format!("{} {}", told.leaves_on, told.leaves_from),
        (None, true) => "not told".to_owned(),
        (None, false) => "–".to_owned(),
    }
}
