//! `dunningd forget`: erases a customer's personal data (D15).

use std::io::{IsTerminal as _, Write as _};

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::config::{self, Config, LedgerSource};
use crate::contacts::claim;
use crate::contacts::forget::{self, Traces};
use crate::database::Tx;
use crate::ledger::erase::{self, Rows};

/// Erases a customer's personal data.
#[derive(Debug, Args)]
pub struct Forget {
    /// The customer's id
    customer: String,
    /// Does it without asking
    #[arg(long)]
    yes: bool,
    /// Also while invoices are open: what is owed is a ground to keep the data (GDPR Art. 17(3)(e))
    #[arg(long)]
    even_if_open: bool,
}

pub async fn run(globals: &Globals, args: &Forget) -> Result {
    let config = open::config(globals)?;
    let db = open::database(&config).await?;
    let (customer, now) = (&args.customer, globals.clock().now());
    let (rows, traces) = look(&mut db.begin().await?, globals, &config, customer).await?;
    refuse(args, &config, &rows, &traces)?;
    let clean = traces.is_clean() && !rows.customer && rows.invoices + rows.payments == 0;
    if !clean {
        let what = what(&rows, &traces);
        if !args.yes && !asked(customer, &what)? {
            return Err(anyhow!("nothing was erased").into());
        }
        let mut tx = db.begin().await?;
        // First: whoever is about to send waits until this is done. What came up meanwhile goes, too.
        claim::controls_change(&mut tx).await?;
        let (rows, traces) = look(&mut tx, globals, &config, customer).await?;
        refuse(args, &config, &rows, &traces)?;
        forget::erase(&mut tx, customer, &traces, &rows.texts, &config::author(), now).await?;
        erase::erase(&mut tx, customer).await?;
        tx.commit().await?;
    }
    // Also when there was nothing left: an earlier run may have been ended here.
    let purged = db.purge().await?;
    let said = match (clean, forget::when(&mut db.snapshot().await?, customer).await?) {
        (true, Some(when)) => format!("customer {customer} was forgotten already, on {when}"),
        (true, None) => format!("there is nothing to forget about customer {customer}"),
        (false, _) => format!("customer {customer} is forgotten; ids, dates, steps, amounts and the chain of hashes stay"),
    };
    match globals.format {
        Format::Text => output::line(&said),
        Format::Json => output::json(&json!({ "said": said, "customer": customer, "erased": !clean, "purged": purged,
            "contacts": traces.telling.len(), "messages": traces.messages, "cancelled": traces.unsent.len(),
            "suppressions": traces.suppressed.len(), "invoices": rows.invoices, "payments": rows.payments })),
    }
    remarks(&config, db.is_shared(), &traces);
    if !purged {
        output::remark("the write-ahead log is in use and holds old bytes still: run this command again when nothing else runs");
        return Ok(Exit::Attention);
    }
    Ok(Exit::Done)
}

async fn look(tx: &mut Tx, globals: &Globals, config: &Config, customer: &str) -> Result<(Rows, Traces)> {
    let zone = open::timetable(config)?.time_zone;
    let rows = erase::look(tx, customer, globals.clock().now().with_timezone(&zone).date_naive()).await?;
    let addresses: Vec<String> = rows.texts.iter().filter(|t| t.contains('@')).cloned().collect();
    let traces = forget::look(tx, customer, &addresses).await?;
    if !rows.customer && rows.invoices + rows.payments == 0 && !forget::is_known(tx, customer).await? {
        return Err(anyhow!("neither the log nor the own ledger knows customer {customer}").into());
    }
    Ok((rows, traces))
}

fn refuse(args: &Forget, config: &Config, rows: &Rows, traces: &Traces) -> Result<()> {
    let customer = &args.customer;
    if traces.sending > 0 {
        return Err(anyhow!("an e-mail to customer {customer} is being sent at this moment; try again when it is through").into());
    }
    let open = if config.ledger.source == LedgerSource::Own { &rows.open } else { &traces.open };
    if !open.is_empty() && !args.even_if_open {
        let help = "what is owed is a ground to keep the data (GDPR Art. 17(3)(e)); --even-if-open erases all the same";
        return Err(anyhow!("invoices of customer {customer} are open ({}): {help}", open.join(", ")).into());
    }
    Ok(())
}

/// What will be erased, one line each.
fn what(rows: &Rows, traces: &Traces) -> Vec<String> {
    let mut lines = vec![
        format!("{} contacts: recipients, notes, reasons and the relay's replies", traces.telling.len()),
        format!("{} kept messages", traces.messages),
    ];
    let mut add = |n: usize, text: String| lines.extend((n > 0).then_some(text));
    add(traces.unsent.len(), format!("{} e-mails that wait to be sent are cancelled", traces.unsent.len()));
    let notes = usize::try_from(traces.notes).unwrap_or(0);
    add(notes, format!("the notes of {notes} holds, promises and disputes"));
    let suppressed = traces.suppressed.len();
    add(suppressed, format!("{suppressed} suppressed addresses, of which a salted hash stays, so that nothing goes there again"));
    let ledger = rows.invoices + rows.payments + i64::from(rows.customer);
    let text = format!("from the own ledger the customer, {} invoices and {} payments", rows.invoices, rows.payments);
    add(usize::try_from(ledger).unwrap_or(0), text);
    lines
}

/// Says what will be erased, and hears whether it is meant.
fn asked(customer: &str, what: &[String]) -> Result<bool> {
    let list = what.iter().map(|line| format!("- {line}\n")).collect::<String>();
    let said = format!("forgetting customer {customer} erases for good:\n{list}");
    if !std::io::stdin().is_terminal() {
        return Err(anyhow!("{said}add --yes to do it").into());
    }
    output::line(said);
    let mut out = std::io::stdout().lock();
    write!(out, "Type the customer's id to go on: ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == customer)
}

/// What this command cannot reach.
fn remarks(config: &Config, shared: bool, traces: &Traces) {
    if config.ledger.source == LedgerSource::Query {
        output::remark(
            "the accounts that the ledger is read from are not touched: what stays there comes back with the next e-mail",
        );
    }
    if shared {
        output::remark("backups, replicas and PostgreSQL's write-ahead log still hold what they held: see docs/operations.md");
    }
    if traces.open_tasks > 0 {
        output::remark(&format!("{} tasks about the customer are open still; `dunningd tasks` shows them", traces.open_tasks));
    }
    if traces.in_doubt > 0 {
        output::remark(&format!("{} contacts stay in doubt; they cannot be sent again any more", traces.in_doubt));
    }
    output::remark(
        "files outside of the database are yours to erase: imported CSV, backups, evidence, and e-mails in the folder of transport = \"file\"",
    );
}
