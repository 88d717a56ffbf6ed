//! `dunningd demo`: the newcomer's first command. A sample company, one poll, real e-mails over TCP to a mail catcher of
//! its own, and where to look at them.

mod catcher;
mod sample;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::anyhow;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use clap::Args;

use super::{Exit, Format, Globals, Result, init, open, output};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::contacts::Entry;
use crate::daemon::office::Office;
use crate::daemon::pass::{Pass, Report, pass};
use crate::daemon::shift::Shift;
use crate::daemon::stop;
use crate::delivery::{Relay, Settings, settings::Tls};
use crate::ledger::import::{self, Files};
use crate::message::shipped;
use crate::timetable::{Calendar, calendar};

/// The sample company.
#[derive(Debug, Args)]
pub struct Demo {
    /// The folder; it must not be there yet
    #[arg(default_value = "./dunningd-demo", value_name = "DIR")]
    dir: PathBuf,
}

pub async fn run(globals: &Globals, args: &Demo) -> Result {
    let dir = &args.dir;
    if dir.exists() {
        return Err(anyhow!("{} is there already: name another folder, or take it away first", dir.display()).into());
    }
    let config_dir = dir.join("config");
    write_configuration(&config_dir)?;
    let own = Globals { config: Some(config_dir.clone()), ..globals.clone() };
    let config = open::config(&own)?;
    let office = open::office(&own, &config).await?;
    let today = last_business_day(&office.timetable.calendar, office.present().1);
    sample::write(dir, today)?;

    let caught = dir.join("emails");
    open::make_folder(&caught)?;
    let catcher = catcher::Catcher::start(&caught).await?;
    let relay = relay_to(&config, catcher.port())?;
    let shift = Shift::begin(office, relay, None, Duration::from_secs(60)).await?;
    let office = &shift.office;
    // The evening before: every invoice is seen, among them the one that is paid the next morning.
    load(office, &config, dir, false).await?;
    let yesterday = today - TimeDelta::days(1);
    play(&shift, yesterday, NaiveTime::from_hms_opt(20, 0, 0).unwrap_or_default()).await?;
    load(office, &config, dir, true).await?;
    let report = play(&shift, today, NaiveTime::from_hms_opt(10, 0, 0).unwrap_or_default()).await?;
    let emails = catcher.finish().await;
    let contacts = report.contacts.part(&mut office.db.snapshot().await?, 0).await?;
    show(globals.format, dir, &config_dir, office, (report.date, &contacts), &emails);
    shift.end().await?;
    Ok(if report.needs_attention() || emails.is_empty() { Exit::Attention } else { Exit::Done })
}

/// The shipped files; the relay is replaced by a folder, so that nothing can leave when the newcomer plays on.
fn write_configuration(dir: &Path) -> Result<()> {
    init::write_new(&dir.join(config::FILE), sample::CONFIG.as_bytes())?;
    init::write_new(&dir.join(config::TIMETABLE), sample::timetable().as_bytes())?;
    init::write_schemas(dir)?;
    for (path, bytes) in shipped::files() {
        init::write_new(&dir.join("templates").join(path), bytes)?;
    }
    Ok(())
}

fn last_business_day(calendar: &Calendar, today: NaiveDate) -> NaiveDate {
    calendar.send_date(today, -1)
}

fn relay_to(config: &Config, port: u16) -> Result<Relay> {
    // One connection: the e-mails are caught in the order in which they are listed.
    let settings =
        Settings { host: "127.0.0.1".to_owned(), port: Some(port), tls: Tls::None, max_connections: 1, ..Settings::default() };
    Ok(Relay::new(settings, None, config.company.from.address.domain()).map_err(anyhow::Error::from)?)
}

async fn load(office: &Office, config: &Config, dir: &Path, with_payments: bool) -> Result<()> {
    let (customers, invoices, payments) = (dir.join("customers.csv"), dir.join("invoices.csv"), dir.join("payments.csv"));
    let payments = with_payments.then_some(payments);
    let files = Files { customers: Some(&customers), invoices: Some(&invoices), payments: payments.as_deref() };
    let mut tx = office.db.begin().await?;
    let max = config.ledger.max_bad_rows;
    import::import(&mut tx, files, &config.import, max, false, &mut |_, _| {}).await.map_err(anyhow::Error::from)?;
    tx.commit().await?;
    Ok(())
}

async fn play(shift: &Shift, day: NaiveDate, time: NaiveTime) -> Result<Report> {
    shift.office.set_clock(Clock::Given(calendar::instant(shift.office.timetable.time_zone, day, time)));
    let (_stopper, stop) = stop::pair();
    Ok(pass(shift, Pass::default(), &stop).await?)
}

fn show(
    format: Format,
    dir: &Path,
    config: &Path,
    office: &Office,
    (date, contacts): (NaiveDate, &[Entry]),
    emails: &[catcher::Caught],
) {
    if format == Format::Json {
        contacts.iter().for_each(output::json);
        output::json(&serde_json::json!({ "demo": { "dir": dir, "emails": emails } }));
        return;
    }
    output::line(format!("A sample company was made in {}, and polled as of {}, 10:00.\n", dir.display(), date.format("%A, %F")));
    output::contacts(contacts);
    output::line(format!("\n{} e-mails were handed over TCP to the demo's own mail catcher:\n", emails.len()));
    let mut table = output::table(&["TO", "SUBJECT", "FILE"]);
    for email in emails {
        table.add_row([output::visible(&email.to.join(", ")), output::visible(&email.subject), email.eml.display().to_string()]);
    }
    output::show(&table);
    output::line("\nBeside each .eml lies the same e-mail as .html and .txt: open one in your browser.");
    let now: DateTime<Utc> = office.clock().now();
    let now = now.with_timezone(&office.timetable.time_zone).to_rfc3339();
    let config = config.display();
    // As the newcomer has just called it: perhaps it is not installed yet.
    let me = std::env::args().next().unwrap_or_else(|| "dunningd".to_owned());
    output::line("What next (nothing leaves: this configuration writes into a folder):");
    output::line(format!("  {me} --config {config} timetable"));
    output::line(format!("  {me} --config {config} --now {now} plan --days 14"));
    output::line(format!("  {me} --config {config} log"));
    output::line(format!("  {me} --config {config} tasks"));
    output::line(format!("  {me} init        writes a configuration of your own"));
}
