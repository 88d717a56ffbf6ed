//! `dunningd preview`: the e-mail exactly as it would leave.

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, ValueEnum};

use super::{Exit, Globals, Result, journal, open, output};
use crate::contacts::entry::{Entry, EntryInvoice};
use crate::contacts::{control, facts, past};
use crate::daemon::excerpt::Excerpt;
use crate::daemon::poll::{self, Inputs};
use crate::daemon::prepare;
use crate::ledger::{Invoice, Whose};
use crate::plan::Kind;
use crate::plan::make;
use crate::timetable::evaluate::Day;
use crate::timetable::history::History;
use crate::timetable::personal::Personal;

/// One e-mail.
#[derive(Debug, Args)]
pub struct Preview {
    /// The step's id
    step: String,
    /// The invoice's id
    #[arg(long, value_name = "ID")]
    invoice: String,
    /// Another language than the customer's
    #[arg(long, value_name = "LANG")]
    language: Option<String>,
    /// What to show of it
    #[arg(long = "as", value_enum, default_value_t = Shape::Text)]
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    Text,
    Html,
    Eml,
}

pub async fn run(globals: &Globals, args: &Preview) -> Result {
    let config = open::config(globals)?;
    let mut office = open::office_to_look(globals, &config).await?;
    let (now, today, _) = office.present();
    let step = open::known_step(&office.timetable, &args.step)?;
    let mut snapshot = office.source.read(&office.db, facts::Remembered, today).await.map_err(anyhow::Error::from)?;
    office.timetable.ranks.apply(&mut snapshot, today);
    let read = Excerpt::new(Arc::new(snapshot), today);
    let invoice = read
        .snapshot
        .invoices
        .get(&args.invoice)
        .ok_or_else(|| anyhow!("the ledger has no invoice {:?} as of {today}", args.invoice))?;
    let customer = read
        .snapshot
        .customers
        .get(&invoice.customer_id)
        .ok_or_else(|| anyhow!("the ledger has no customer {:?}", invoice.customer_id))?;
    let mut tx = office.db.snapshot().await?;
    let controls = control::in_force(&mut tx).await?;
    let mut customer_since = facts::customers_since(&mut tx, Whose::Everybody).await?;
    drop(tx);
    facts::note_issue_dates(&mut customer_since, &read.snapshot);
    let (history, seen, held) = (History::default(), HashMap::new(), BTreeSet::new());
    let nobody = Personal::default();
    let day = Day {
        timetable: &office.timetable,
        snapshot: &read.snapshot,
        history: &history,
        facts: &seen,
        customer_since: &customer_since,
        controls: &controls,
        personal: &nobody,
        today,
        go_live: Some(today),
        held_steps: &held,
    };
    let mut account = day.account(customer, &read.invoices_of(&customer.id), &read.unallocated);
    if args.language.is_some() {
        account.language.clone_from(&args.language);
    }
    let planned = make::preview(&day, &account, invoice, step);
    if planned.kind == Kind::Task {
        return Err(anyhow!("the step {:?} is a task for a person: nothing is sent", args.step).into());
    }
    // As it would leave: with everything that today's plan merges into the same e-mail (T22).
    let inputs = Inputs { rehearsal: true, ..Inputs::of(&office, now, today, true) };
    let plan = poll::dry_run(&inputs).await?.map_err(anyhow::Error::from)?.plan;
    let due = plan.contacts.iter().find(|c| c.step == args.step && c.covered.iter().any(|i| i.invoice == args.invoice));
    let mut entry = Entry::of_plan(due.unwrap_or(&planned));
    // Of several customers the lead is the one that it is written to.
    if let Some(lead) = read.snapshot.customers.get(&entry.customer).filter(|lead| lead.id != customer.id) {
        account = day.account(lead, &read.invoices_of(&lead.id), &read.unallocated);
    }
    if entry.to.is_empty() && account.to.is_empty() {
        output::remark("the customer has no usable address: shown as for preview@example.com");
        let stand_in = crate::address::EmailAddress::parse("preview@example.com").map_err(anyhow::Error::msg)?;
        entry.to = vec![stand_in.to_string()];
        account.to = vec![stand_in];
    }
    let left: Vec<(&EntryInvoice, &Invoice)> =
        entry.invoices.iter().filter_map(|i| read.snapshot.invoices.get(&i.id).map(|row| (i, row))).collect();
    let past = past::past_of(&mut office.db.snapshot().await?, &[entry.lead.as_str()]).await?;
    let earlier = past.get(&entry.lead).map_or(&[][..], Vec::as_slice);
    let draft =
        prepare::draft(&office, &entry, &account, &left, &read, earlier, args.language.as_deref()).map_err(anyhow::Error::msg)?;
    match args.shape {
        Shape::Text => output::line(format!("To: {}\nSubject: {}\n\n{}", entry.to.join(", "), draft.subject, draft.text)),
        Shape::Html => match &draft.html {
            Some(html) => output::line(html),
            None => return Err(anyhow!("the template {:?} has no body.html", entry.action).into()),
        },
        Shape::Eml => {
            journal::begin(globals.format, "warn");
            // The key may be for the daemon's eyes only.
            office.signer = open::signer(&config).unwrap_or_else(|error| {
                output::remark(&format!("shown without its signature: {error}"));
                None
            });
            let thread = prepare::thread(&entry, &account, earlier);
            let message =
                prepare::envelope(&office, &entry, &account, &left, &draft, &thread, now).map_err(anyhow::Error::msg)?;
            std::io::stdout().write_all(&message.bytes)?;
        }
    }
    Ok(Exit::Done)
}
