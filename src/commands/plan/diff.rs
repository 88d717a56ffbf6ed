//! `dunningd plan --diff`: what another timetable file would change.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use chrono::{Days, NaiveDate};
use serde_json::json;

use super::super::{Exit, Format, Globals, Result, open, output};
use crate::config::{self, Config};
use crate::contacts::{Entry, State};
use crate::daemon::office::Office;
use crate::daemon::rehearsal::{self, Paying, Rehearsal};
use crate::plan::Kind;
use crate::plan::compare::{Change, Difference, Played, compare};

/// How many differences of each sort people are shown, unless they want all.
const EXAMPLES: usize = 5;

/// `office`: with the timetable of now.
pub async fn run(
    globals: &Globals,
    config: &Config,
    office: Office,
    file: &Path,
    (first, days): (NaiveDate, u32),
    all: bool,
) -> Result {
    let (other, _) = config::timetable_of(file, "name the file that is to be compared")?;
    let last = first.checked_add_days(Days::new(u64::from(days) - 1)).context("there is no such day")?;
    let missing = open::missing_of(file, config, &other, &office.renderer);
    if !missing.is_empty() {
        return Err(missing.into());
    }
    let (now, known) = play(office, first, last).await?;
    let mut office = open::office_to_look(globals, config).await?;
    office.timetable = other.clone();
    let (then, mut problems) = play(office, first, last).await?;
    problems.retain(|p| !known.contains(p));
    let found = compare(&now, &then, &other);
    match globals.format {
        Format::Json => document(&found, (first, last, days), &problems),
        Format::Text => {
            show(&found, file, (first, last), all);
            problems.iter().take(20).for_each(|p| output::remark(p));
        }
    }
    Ok(Exit::Done)
}

/// What goes out on these days, on a scratch copy; and what a person should know.
async fn play(office: Office, first: NaiveDate, last: NaiveDate) -> Result<(Vec<Played>, Vec<String>)> {
    let mut rehearsal = Rehearsal::begin(office, first, Paying::AsItStands, None).await.map_err(anyhow::Error::from)?;
    let (mut played, mut problems): (Vec<Played>, Vec<String>) = (Vec::new(), Vec::new());
    for day in rehearsal::days(first, last) {
        let report = rehearsal.play(day).await.map_err(anyhow::Error::from)?;
        let made = |c: &&Entry| c.date == day && !matches!(c.state, State::Skipped | State::Cancelled);
        for contact in report.contacts.iter().filter(made) {
            played.extend(contact.invoices.iter().map(|i| Played {
                date: day,
                kind: contact.kind,
                step: i.step.clone(),
                occurrence: i.occurrence,
                invoice: i.id.clone(),
                customer: i.customer.clone(),
                segment: contact.segment.clone(),
            }));
        }
        played.extend(report.joined.into_iter().map(|(segment, c)| Played {
            date: day,
            kind: Kind::Task,
            step: c.step,
            occurrence: c.occurrence,
            invoice: c.invoice,
            customer: c.customer,
            segment: segment.unwrap_or_default(),
        }));
        problems.extend(report.problems.into_iter().map(|p| format!("{day}: {p}")));
    }
    Ok((played, problems))
}

/// How many were added, are gone and have moved.
type Counts = BTreeMap<String, [usize; 3]>;

fn counts(found: &[Difference], of: impl Fn(&Played) -> &String) -> Counts {
    let mut counts = Counts::new();
    for difference in found {
        counts.entry(of(&difference.played).clone()).or_default()[difference.change as usize] += 1;
    }
    counts
}

fn total(found: &[Difference], change: Change) -> usize {
    found.iter().filter(|d| d.change == change).count()
}

fn show(found: &[Difference], file: &Path, (first, last): (NaiveDate, NaiveDate), all: bool) {
    if found.is_empty() {
        output::line(format!("no difference: from {first} to {last} the same goes out with {}", file.display()));
        return;
    }
    let n = |change| total(found, change);
    let (added, gone, moved) = (n(Change::Added), n(Change::Gone), n(Change::Moved));
    output::line(format!("{} from {first} to {last}: {added} added, {gone} gone, {moved} moved\n", file.display()));
    for (title, counts) in [("STEP", counts(found, |p| &p.step)), ("SEGMENT", counts(found, |p| &p.segment))] {
        let mut table = output::table(&[title, "ADDED", "GONE", "MOVED"]);
        for (name, [added, gone, moved]) in counts {
            table.add_row([output::visible(&name), added.to_string(), gone.to_string(), moved.to_string()]);
        }
        output::show(&table);
        output::line("");
    }
    let mut table = output::table(&["CHANGE", "DATE", "WAS", "KIND", "STEP", "CUSTOMER", "INVOICE", "SEGMENT"]);
    let mut left_out = 0;
    for change in [Change::Added, Change::Gone, Change::Moved] {
        let of = || found.iter().filter(|d| d.change == change);
        let most = if all { usize::MAX } else { EXAMPLES };
        for Difference { played: p, was, .. } in of().take(most) {
            let (date, was) = match change {
                Change::Gone => ("–".to_owned(), p.date.to_string()),
                _ => (p.date.to_string(), super::groups::day(*was)),
            };
            let step = if p.occurrence == 0 { p.step.clone() } else { format!("{}#{}", p.step, p.occurrence) };
            let words = [step, p.customer.clone(), p.invoice.clone(), p.segment.clone()].map(|w| output::visible(&w));
            let [step, customer, invoice, segment] = words;
            table.add_row([change.word().to_owned(), date, was, p.kind.word().to_owned(), step, customer, invoice, segment]);
        }
        left_out += of().count().saturating_sub(most);
    }
    output::show(&table);
    if left_out > 0 {
        output::line(format!("… and {left_out} more; --all shows them"));
    }
}

fn document(found: &[Difference], (first, last, days): (NaiveDate, NaiveDate, u32), problems: &[String]) {
    for Difference { change, played: p, was } in found {
        output::json(&json!({ "diff": { "change": change, "date": p.date, "was": was, "kind": p.kind, "step": p.step,
            "occurrence": p.occurrence, "customer": p.customer, "invoice": p.invoice, "segment": p.segment } }));
    }
    let shown = |name: &str, counts: Counts| -> Vec<serde_json::Value> {
        let one =
            |(of, [added, gone, moved]): (String, [usize; 3])| json!({ name: of, "added": added, "gone": gone, "moved": moved });
        counts.into_iter().map(one).collect()
    };
    output::json(&json!({ "totals": { "from": first, "to": last, "days": days, "added": total(found, Change::Added),
        "gone": total(found, Change::Gone), "moved": total(found, Change::Moved),
        "steps": shown("step", counts(found, |p| &p.step)), "segments": shown("segment", counts(found, |p| &p.segment)),
        "problems": problems } }));
}
