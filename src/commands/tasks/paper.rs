//! The papers for one task, as a person reads them with the telephone in the hand.

use super::super::output::{self, heading, line, one_line, paragraph};
use super::list;
use crate::contacts::Entry;
use crate::contacts::promise::Kept;
use crate::plan::explain::words::count;
use crate::worklist::Dossier;
use crate::worklist::dossier::{InForce, NextEmail, Owed};

/// Shows them.
pub fn show(d: &Dossier) {
    task(d);
    customer(d);
    heading("\nOwed");
    invoices(&d.invoices);
    for total in &d.totals {
        let currency = total.currency;
        let credit = if total.unallocated.trim_matches(['0', '.']).is_empty() {
            String::new()
        } else {
            format!("; {} {currency} paid and not set against an invoice", total.unallocated)
        };
        line(format!("{} {currency} open, {} {currency} past due{credit}", total.open, total.past_due));
    }
    if !d.in_force.is_empty() {
        heading("\nIn force");
        d.in_force.iter().for_each(in_force);
    }
    promises(&d.promises);
    if !d.notes.is_empty() {
        heading("\nNotes");
    }
    for note in &d.notes {
        let about = note.invoice.as_ref().map(|id| format!(", invoice {id}")).unwrap_or_default();
        paragraph(&format!("{}, {}{about}: {}", note.on, note.author, note.text), 0);
    }
    heading("\nLast contacts");
    contacts(&d.contacts);
    heading("\nThe next e-mail");
    match &d.next_email {
        Some(next) => next_email(next),
        None => line("None is to come, as things stand."),
    }
    d.facts
        .iter()
        .filter(|f| f.starts_with("E-mails are stopped") || f.starts_with("The last e-mail"))
        .for_each(|f| paragraph(f, 0));
}

fn task(d: &Dossier) {
    let e = &d.task.entry;
    let due = if d.task.overdue {
        output::red(&format!("due {}, {} overdue", d.task.due, count(d.task.days_overdue.unsigned_abs(), "day")))
    } else {
        format!("due {}", d.task.due)
    };
    let result = e.result.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
    heading(&format!("{} {}: {}{result}", e.action, e.contact.as_deref().unwrap_or_default(), e.state));
    let step = if e.step == e.action { String::new() } else { format!(", step {}", one_line(&e.step)) };
    let why = e.reason.as_ref().map(|r| format!(", {r}")).unwrap_or_default();
    line(format!("{due}; since {}{step}{why}", e.date));
    line(match d.task.settled {
        true => "nothing is open any more of what it is about".to_owned(),
        false => format!("priority {}; `dunningd tasks explain` says why", list::priority(&d.task)),
    });
    let of = d.task.collector();
    line(format!("collector {}", if of.is_empty() { "nobody" } else { &of }));
    let about = d.task.invoices();
    if !about.is_empty() {
        line(format!("about {}; still open of it: {}", one_line(&output::few(&about, 10)), list::open(&d.task)));
    }
    e.note.iter().for_each(|n| paragraph(n, 0));
}

fn customer(d: &Dossier) {
    let c = &d.customer;
    heading(&format!("\n{}, {}", c.name, c.id));
    line(format!("phone      {}", c.phone.as_deref().map_or_else(|| "none in the ledger".to_owned(), one_line)));
    let rows = [
        ("e-mail", (!c.email.is_empty()).then(|| c.email.join(", "))),
        ("language", c.language.clone()),
        ("country", c.country.clone()),
        ("segment", Some(c.segment.clone())),
        ("personal", c.personal.clone()),
        ("rank", c.rank.as_ref().map(|r| if c.rank_is_computed { format!("{r} (computed)") } else { r.clone() })),
        ("limit", c.credit_limit.clone()),
        ("manager", c.account_manager.clone()),
    ];
    for (name, value) in rows.into_iter().filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?))) {
        line(format!("{name:<10} {}", one_line(&value)));
    }
    if c.do_not_contact {
        line("not to be contacted, says the ledger");
    }
}

fn invoices(owed: &[Owed]) {
    if owed.is_empty() {
        return line("Nothing is open.");
    }
    let mut table = output::table(&["", "INVOICE", "DUE", "DAYS LATE", "OPEN", "TOTAL", "STATUS", "STOPPED"]);
    for i in owed {
        let stopped: Vec<&str> = i.stopped.iter().copied().filter(|s| *s != i.status).collect();
        table.add_row([
            if i.of_task { "*" } else { "" }.to_owned(),
            one_line(&i.number),
            i.due_date.to_string(),
            i.days_past_due.max(0).to_string(),
            format!("{} {}", i.open_balance, i.currency),
            format!("{} {}", i.total, i.currency),
            i.status.to_owned(),
            stopped.join(", "),
        ]);
    }
    output::show(&table);
}

fn in_force(entry: &InForce) {
    let about = if entry.about == "customer" { "the customer".to_owned() } else { format!("invoice {}", entry.about) };
    let until = match (entry.kind.as_str(), entry.until) {
        ("promise", Some(by)) => format!(" by {by}"),
        (_, Some(until)) => format!(" until {until}"),
        (_, None) => String::new(),
    };
    let amount = entry.amount.as_ref().map(|a| format!(", {a}")).unwrap_or_default();
    let note = entry.note.as_ref().map(|n| format!(": {n}")).unwrap_or_default();
    let code = entry.code.as_ref().map(|c| format!(" ({c})")).unwrap_or_default();
    let age = count(entry.age_days.unsigned_abs(), "day");
    paragraph(&format!("{}{code} of {about}{until}{amount}, for {age}, by {}{note}", entry.kind, entry.author), 0);
}

fn promises(all: &[Kept]) {
    let over: Vec<&Kept> = all.iter().filter(|p| p.outcome != "open").collect();
    if over.is_empty() {
        return;
    }
    let of = |word: &str| over.iter().filter(|p| p.outcome == word).count();
    heading(&format!("\nPromises: {} kept, {} broken", of("kept"), of("broken")));
    for p in over {
        let amount = p.amount.as_ref().map(|a| format!(", {a}")).unwrap_or_default();
        let about = if p.about == "customer" { "the customer".to_owned() } else { format!("invoice {}", p.about) };
        let note = p.note.as_ref().map(|n| format!(": {n}")).unwrap_or_default();
        paragraph(&format!("{} by {}{amount}, of {about}, entered by {}{note}", p.outcome, p.by, p.author), 0);
    }
}

fn contacts(last: &[Entry]) {
    if last.is_empty() {
        return line("None.");
    }
    let mut table = output::table(&["DATE", "KIND", "WHAT", "STATE", "INVOICES", "SAID"]);
    for e in last {
        let ids: Vec<&str> = e.invoices.iter().map(|i| i.id.as_str()).collect();
        let said: Vec<&str> = e.result.as_deref().into_iter().chain(e.note.as_deref()).chain(e.reason.as_deref()).collect();
        table.add_row([
            e.date.to_string(),
            e.kind.name().to_owned(),
            one_line(if e.step == e.action { &e.action } else { &e.step }),
            e.state.to_string(),
            one_line(&output::few(&ids, 3)),
            one_line(&said.join("; ")),
        ]);
    }
    output::show(&table);
}

fn next_email(next: &NextEmail) {
    line(format!("{}, {}, to {}:", next.date, one_line(&next.step), one_line(&next.to.join(", "))));
    if let Some(approval) = &next.approval {
        let whose = approval.asks.as_ref().map(|who| format!(" of {}", one_line(who))).unwrap_or_default();
        let unless = if approval.veto { ", or until nobody has objected" } else { "" };
        line(format!("it waits for the approval{whose} first{unless} (T34)"));
    }
    line(format!("    {}", one_line(&next.subject)));
    for row in output::visible(&next.text).trim_end().lines() {
        line(format!("    {row}").trim_end());
    }
}
