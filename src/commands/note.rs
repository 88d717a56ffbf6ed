//! `dunningd note`: what is worth knowing about a customer or an invoice.

use std::collections::BTreeSet;

use anyhow::anyhow;
use clap::Args;

use super::{About, Exit, Format, Globals, Result, open, output};
use crate::config;
use crate::contacts::control::{self, Subject};
use crate::contacts::note;
use crate::timetable::calendar;

/// A note; without a text, those that there are.
#[derive(Debug, Args)]
pub struct Note {
    #[command(flatten)]
    about: About,
    /// The customer has replied: steps with `after` are over for the e-mails before (T33)
    #[arg(long, requires = "text")]
    reply: bool,
    /// What is worth knowing
    text: Option<String>,
}

pub async fn run(globals: &Globals, args: &Note) -> Result {
    let subject = args.about.subject()?;
    let config = open::config(globals)?;
    let Some(text) = args.text.as_deref().map(str::trim) else { return list(globals, &config, &subject).await };
    if text.is_empty() {
        return Err(anyhow!("the note is empty").into());
    }
    let db = open::database(&config).await?;
    let mut tx = db.begin().await?;
    note::add(&mut tx, &subject, text, args.reply, &config::author(), globals.clock().now()).await?;
    let known = control::is_known(&mut tx, &subject).await?;
    tx.commit().await?;
    if !known {
        output::remark(&format!("no poll and no import has seen {subject} yet; it is kept all the same"));
    }
    match globals.format {
        Format::Text => output::line(format!("{subject}: {}", if args.reply { "the reply is noted" } else { "noted" })),
        Format::Json => list(globals, &config, &subject).await.map(drop)?,
    }
    Ok(Exit::Done)
}

async fn list(globals: &Globals, config: &config::Config, subject: &Subject) -> Result {
    let db = open::database_to_look(config).await?;
    let (customer, invoices) = match subject {
        Subject::Customer(id) => (Some(id.as_str()), BTreeSet::new()),
        Subject::Invoice(id) => (None, BTreeSet::from([id.as_str()])),
    };
    let notes = note::list(&mut db.snapshot().await?, customer, &invoices, None).await?;
    if globals.format == Format::Json {
        notes.iter().for_each(output::json);
        return Ok(Exit::Done);
    }
    if notes.is_empty() {
        output::line(format!("{subject}: nothing was noted"));
        return Ok(Exit::Done);
    }
    let zone = open::timetable(config)?.time_zone;
    let mut table = output::table(&["NOTED", "BY", "NOTE"]);
    for n in &notes {
        let (day, time) = calendar::local(zone, n.at);
        let text = output::one_line(&n.text);
        let said = if n.reply { format!("(reply) {text}") } else { text };
        table.add_row([format!("{day} {}", time.format("%R")), output::one_line(&n.author), said]);
    }
    output::show(&table);
    Ok(Exit::Done)
}
