//! `[[step]]`: the rows of the timetable (T2, T4, T7, T20, T24).

use std::ops::Range;

use super::reader::Table;
use super::values::{Value, integer, needed_items, string};
use super::{follow, warnings, when};
use crate::address::EmailAddress;
use crate::money::Currency;
use crate::timetable::step::{Limits, Merge};
use crate::timetable::worklist::INVOICE_COPY;
use crate::timetable::{Action, Event, Recipient, Segment, SendWindow, Sizes, Step, When};

/// The ranks of a customer.
pub const RANKS: [&str; 4] = ["A", "B", "C", "D"];

/// The steps of the file.
#[derive(Debug, Default)]
pub struct Steps {
    /// Those that can be read, in file order.
    pub steps: Vec<Step>,
    /// The ids of all, also of those that cannot be read: naming one of these is no second mistake.
    pub ids: Vec<String>,
}

/// The steps, in file order.
pub fn read(table: &Table<'_, '_>, segments: &[Segment], sizes: &Sizes, window: &SendWindow) -> Steps {
    let source = table.source;
    let Some(list) = table.needed("step", "write at least one [[step]]") else { return Steps::default() };
    let usual = super::merge::read(table).unwrap_or_default();
    let mut found: Vec<(Step, Range<usize>)> = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    let mut followers = Vec::new();
    for value in needed_items(source, list, "write at least one [[step]]") {
        let Some(one) = Table::of(source, value) else { continue };
        let (id, step) = read_one(&one, segments, sizes, window, usual);
        followers.extend(id.zip(one.get("after")).map(|(id, after)| (id.to_owned(), after.span())));
        one.finish();
        if let Some(id) = id {
            if ids.iter().any(|i| i == id) {
                let help = "every id is used once: contacts are logged under it";
                source.error(value.span(), format!("two steps have the id `{id}`"), help);
            }
            ids.push(id.to_owned());
        }
        found.extend(step.map(|step| (step, value.span())));
    }
    check_renames(table, &found, &ids);
    follow::check(table, &found, &followers, &ids);
    warnings::of_one_day(table, &found, segments);
    Steps { steps: found.into_iter().map(|(s, _)| s).collect(), ids }
}

/// The id as far as there is one, and the step if all of it can be read.
fn read_one<'a>(
    table: &Table<'a, '_>,
    segments: &[Segment],
    sizes: &Sizes,
    window: &SendWindow,
    usual: Merge,
) -> (Option<&'a str>, Option<Step>) {
    let source = table.source;
    let given = table.needed("id", "give the step an id: contacts are logged under it");
    let id = given.and_then(|v| string(source, v));
    if let (Some(given), Some(id)) = (given, id)
        && (id.is_empty() || id.chars().any(|c| c.is_whitespace() || c.is_control()))
    {
        source.error(given.span(), "an id is one word", "write it like `past-due-30`");
    }
    if let Some(given) = given.filter(|_| id == Some(INVOICE_COPY)) {
        let message = format!("the id `{INVOICE_COPY}` is taken: copies that a customer asks for are sent under it");
        source.error(given.span(), message, "give the step another id");
    }
    let after = follow::read(table);
    let (action, when) = (read_action(table), when::read(table, segments, window, table.get("after").is_some()));
    let known_segments = || segments.iter().map(|s| s.name.as_str());
    let limits = Limits {
        sizes: words(table, "sizes", "size", |w| sizes.knows(w), || sizes.thresholds.keys().map(String::as_str).chain(["small"])),
        ranks: words(table, "ranks", "rank", |w| RANKS.contains(&w), || RANKS.into_iter()),
        segments: words(table, "segments", "segment", |w| segments.iter().any(|s| s.name == w), known_segments),
        currencies: currencies(table, "currencies"),
    };
    let grace_days = table.integer("grace_days");
    let approve = super::approval::word(table);
    let (merge, attach) = (super::merge::read(table), table.boolean("attach"));
    let interest = super::interest::of_step(table, action.as_ref());
    let renamed_from = table.strings("renamed_from").unwrap_or_default();
    let pay_within = read_pay_within(table, when.as_ref());
    let given = [
        ("merge", merge.is_some()),
        ("attach", attach.is_some()),
        ("pay_within", pay_within.is_some()),
        ("approve", approve.is_some()),
    ];
    for (key, given) in given {
        if given && action.as_ref().is_some_and(|a| !matches!(a, Action::Email { .. })) {
            source.error(table.span.clone(), format!("`{key}` is for e-mails to customers"), "leave it out");
        }
    }
    let renamed_from = renamed_from.into_iter().map(|(s, _)| s.to_owned()).collect();
    let build = || {
        let (id, action, when) = (id?.to_owned(), action?, when?);
        Some(Step {
            id,
            action,
            when,
            after,
            grace_days,
            limits,
            merge: merge.unwrap_or(usual),
            attach,
            pay_within,
            approve,
            interest,
            renamed_from,
        })
    };
    (id, build())
}

fn read_pay_within(table: &Table<'_, '_>, when: Option<&When>) -> Option<u32> {
    let value = table.get("pay_within")?;
    let wrong = match integer::<u32>(table.source, value, "pay_within")? {
        0 => ("`pay_within` is at least 1", "write the days from the e-mail to the deadline that it prints"),
        _ if matches!(when, Some(When::On(Event::Paid))) => ("whoever has paid is given no deadline", "leave it out"),
        days => return Some(days),
    };
    table.source.error(value.span(), wrong.0, wrong.1);
    None
}

fn read_action(table: &Table<'_, '_>) -> Option<Action> {
    let source = table.source;
    let (email, task, notify, to) = (table.get("email"), table.get("task"), table.get("notify"), table.get("to"));
    let given = [email, task, notify];
    if given.iter().flatten().count() != 1 {
        let help = "write one of email = \"template\", task = \"call\", notify = \"template\"";
        let message = if given.iter().flatten().count() == 0 { "the step does nothing" } else { "a step does one thing" };
        source.error(table.span.clone(), message, help);
        return None;
    }
    if let (Some(to), None) = (to, notify) {
        source.error(
            to.span(),
            "`to` belongs to `notify`",
            "an e-mail goes to the customer; [customer.\"ID\"] may say otherwise",
        );
    }
    if let Some(v) = email {
        return Some(Action::Email { template: word(table, v)? });
    }
    if let Some(v) = task {
        return Some(Action::Task { task: word(table, v)? });
    }
    let template = word(table, notify?)?;
    let help = "write to = \"account_manager\", \"collector\" or an address";
    let value = table.needed("to", help)?;
    let to = match string(source, value)? {
        "account_manager" => Recipient::AccountManager,
        "collector" => Recipient::Collector,
        text => match EmailAddress::parse(text) {
            Ok(address) => Recipient::Address(address),
            Err(reason) => {
                source.error(value.span(), format!("\"{text}\" is no recipient: {reason}"), help);
                return None;
            }
        },
    };
    Some(Action::Notice { template, to })
}

fn word(table: &Table<'_, '_>, value: Value<'_, '_>) -> Option<String> {
    let text = string(table.source, value)?;
    if text.is_empty() || !text.chars().all(|c| c.is_alphanumeric() || "-_".contains(c)) {
        table.source.error(value.span(), format!("\"{text}\" is no name"), "use letters, digits, - and _");
        return None;
    }
    Some(text.to_owned())
}

/// A list of words that the file must know; an empty one is an error.
pub fn words<'k, I: Iterator<Item = &'k str> + Clone>(
    table: &Table<'_, '_>,
    key: &'static str,
    what: &str,
    knows: impl Fn(&str) -> bool,
    known: impl Fn() -> I,
) -> Option<Vec<String>> {
    let list = table.some_strings(key)?;
    for (text, span) in list.iter().filter(|(text, _)| !knows(text)) {
        table.source.unknown(span.clone(), what, text, known());
    }
    Some(list.into_iter().map(|(s, _)| s.to_owned()).collect())
}

/// A list of currency codes.
pub fn currencies(table: &Table<'_, '_>, key: &'static str) -> Option<Vec<Currency>> {
    let read = |(text, span): (&str, Range<usize>)| match text.parse() {
        Ok(currency) => Some(currency),
        Err(reason) => {
            let reason: String = reason;
            table.source.error(span, format!("`{text}` is no currency"), reason);
            None
        }
    };
    table.some_strings(key).map(|list| list.into_iter().filter_map(read).collect())
}

fn check_renames(table: &Table<'_, '_>, steps: &[(Step, Range<usize>)], ids: &[String]) {
    for (place, (step, span)) in steps.iter().enumerate() {
        for old in &step.renamed_from {
            if ids.contains(old) {
                let help = "`renamed_from` names an id that is gone";
                table.source.error(span.clone(), format!("`{old}` is still a step of this file"), help);
            }
            if let Some((other, _)) = steps[..place].iter().find(|(s, _)| s.renamed_from.contains(old)) {
                let message = format!("`{}` and `{}` are both renamed from `{old}`", other.id, step.id);
                table.source.error(span.clone(), message, "what is logged under an id goes on under one other: keep one of them");
            }
        }
    }
}
