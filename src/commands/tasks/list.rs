//! `dunningd tasks list`: what is to be done, in its order.

use std::collections::BTreeMap;

use super::super::counting::Counting;
use super::super::{Exit, Format, Globals, Result, output};
use super::List;
use crate::contacts::State;
use crate::ledger::source::ReadError;
use crate::message::clean;
use crate::money::Money;
use crate::worklist::Desk;
use crate::worklist::item::{self, Item, Wanted};

/// The longest note in the table, in characters; `tasks show` has it whole.
const NOTE: usize = 80;

pub async fn run(globals: &Globals, args: &List) -> Result {
    let Counting { timetable, source, db, today } = Counting::open(globals).await?;
    let (due, of, customer) = (args.due.map(Into::into), args.mine.clone(), args.customer.clone());
    let wanted = Wanted { all: args.all, due, of, customer, ..Wanted::default() };
    let items = item::list(&mut db.snapshot().await?, &wanted, today).await?;
    let desk = match Desk::of(&db, &source, &timetable, items.iter().map(|i| &i.entry), today).await {
        Ok(desk) => Some(desk),
        Err(ReadError::Own(error)) => return Err(error.into()),
        Err(error) => {
            output::complain(&format!(
                "the ledger could not be read, so that the tasks stand in the order of their days: {error}"
            ));
            None
        }
    };
    let items = item::arrange(items, desk.as_ref());
    match globals.format {
        Format::Json => items.iter().for_each(output::json),
        Format::Text if items.is_empty() => output::line(nothing(args)),
        Format::Text if args.by.is_some() => by_collector(&items),
        Format::Text => show(&items.iter().collect::<Vec<_>>()),
    }
    Ok(if desk.is_some() { Exit::Done } else { Exit::Attention })
}

fn nothing(args: &List) -> &'static str {
    match args.mine.is_some() || args.customer.is_some() || args.due.is_some() {
        true => "no such task is open",
        false => "no task is open",
    }
}

/// A table for each collector, those of nobody last.
fn by_collector(items: &[Item]) {
    let mut groups: BTreeMap<(bool, String), Vec<&Item>> = BTreeMap::new();
    for item in items {
        let of = item.collector();
        groups.entry((of.is_empty(), of)).or_default().push(item);
    }
    for (number, ((_, of), own)) in groups.iter().enumerate() {
        if number > 0 {
            output::line("");
        }
        let overdue = own.iter().filter(|i| i.overdue).count();
        let late = if overdue > 0 { format!(", {overdue} overdue") } else { String::new() };
        let of = if of.is_empty() { "nobody" } else { of.as_str() };
        output::heading(&format!("{of}: {}{late}", own.len()));
        show(own);
    }
}

fn show(items: &[&Item]) {
    let mut table = output::table(&[
        "ID",
        "PRIORITY",
        "SINCE",
        "DUE",
        "TASK",
        "STEP",
        "CUSTOMER",
        "INVOICES",
        "OPEN",
        "COLLECTOR",
        "STATE",
        "NOTE",
    ]);
    let late: Vec<usize> = (0..).zip(items).filter(|(_, i)| i.overdue).map(|(place, _)| place).collect();
    for item in items {
        let e = &item.entry;
        table.add_row([
            e.contact.clone().unwrap_or_default(),
            priority(item),
            e.date.to_string(),
            due(item),
            output::one_line(&e.action),
            output::one_line(&e.step),
            customer(item),
            output::one_line(&output::few(&item.invoices(), 3)),
            open(item),
            output::one_line(&item.collector()),
            match &e.result {
                Some(result) => format!("{}: {result}", e.state),
                None => e.state.to_string(),
            },
            output::one_line(&clean::line(e.note.as_deref().unwrap_or_default(), NOTE)),
        ]);
    }
    output::to_the_right(&mut table, 1..2);
    output::show_marked(&table, &late);
}

/// How urgent it is, or why it is not.
pub(super) fn priority(item: &Item) -> String {
    match (item.settled, item.priority) {
        (true, _) => "paid".to_owned(),
        (false, Some(score)) => score.to_string(),
        (false, None) => "?".to_owned(),
    }
}

/// Whose it is, and whether people look after that customer.
fn customer(item: &Item) -> String {
    let id = output::one_line(&item.entry.customer);
    if item.personal { format!("{id}, personal") } else { id }
}

fn due(item: &Item) -> String {
    if item.overdue { format!("{}, overdue", item.due) } else { item.due.to_string() }
}

/// What is still owed on its invoices.
pub(super) fn open(item: &Item) -> String {
    if item.amounts.is_empty() {
        // A task that nobody needs to do any more, or one that is about no invoice.
        return if item.invoices().is_empty() || item.entry.state == State::Done { String::new() } else { "none".to_owned() };
    }
    let sums = item.amounts.iter().map(|(currency, amount)| Money { amount: *amount, currency: *currency }.to_string());
    sums.collect::<Vec<_>>().join(", ")
}
