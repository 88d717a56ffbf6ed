//! The text of a calendar.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Class, Component, Event, EventLike, Property, Todo, TodoStatus};

use super::{Entries, Tasks, Who};
use crate::message::clean;
use crate::money::Money;
use crate::worklist::item::Item;

/// Who has written it: the files of a folder that are ours are known by it.
pub(super) const PRODUCT: &str = "-//dunningd//worklist//EN";

/// The longest note in an entry, in characters.
const NOTE: usize = 2_000;

/// The tasks of a collector, or all of them, as a calendar. `who`: the customers, as far as the ledger has them. The same tasks are
/// the same text on one day, so that nothing is written without need.
#[must_use]
pub fn written(tasks: &Tasks, collector: Option<&str>, who: &HashMap<String, Who>, entries: Entries) -> String {
    // Without the crate's own PRODID: there may be one only.
    let mut calendar = Calendar::empty();
    for (name, value) in [("VERSION", "2.0"), ("PRODID", PRODUCT), ("CALSCALE", "GREGORIAN")] {
        calendar.append_property(Property::new(name, value));
    }
    calendar.name(&match collector {
        Some(of) => format!("Tasks of {}", clean::name(of)),
        None => "Tasks".to_owned(),
    });
    // How often it is read anew, where the program has no wish of its own (RFC 7986).
    calendar.append_property(Property::new("REFRESH-INTERVAL", "PT1H").add_parameter("VALUE", "DURATION").done());
    calendar.append_property(Property::new("X-PUBLISHED-TTL", "PT1H"));
    let is_theirs = |i: &&Item| collector.is_none_or(|of| i.entry.to.iter().any(|to| to.eq_ignore_ascii_case(of)));
    for item in tasks.items.iter().filter(is_theirs) {
        let id = item.entry.contact.as_deref().unwrap_or_default();
        let changed = tasks.changed.get(id).copied().unwrap_or_default();
        let unknown = Who::default();
        let who = who.get(&item.entry.customer).unwrap_or(&unknown);
        match entries {
            Entries::Tasks => {
                let mut todo = Todo::new();
                dress(&mut todo, item, who, changed);
                // RFC 5545, 3.8.1.9: 1 is the highest, 9 the lowest.
                let priority = if item.settled {
                    9
                } else if item.overdue {
                    1
                } else {
                    5
                };
                todo.priority(priority).due(item.due).status(TodoStatus::NeedsAction);
                calendar.push(todo.done());
            }
            Entries::Events => {
                let mut event = Event::new();
                dress(&mut event, item, who, changed);
                event.all_day(item.due.max(tasks.today)).add_property("TRANSP", "TRANSPARENT");
                calendar.push(event.done());
            }
        }
    }
    calendar.done().to_string()
}

/// What both kinds of entries have.
fn dress(entry: &mut impl Component, item: &Item, who: &Who, changed: DateTime<Utc>) {
    let id = item.entry.contact.as_deref().unwrap_or_default();
    let (task, customer) = (clean::name(&item.entry.action), clean::name(&item.entry.customer));
    let name = if who.name.is_empty() { customer.clone() } else { format!("{} ({customer})", clean::name(&who.name)) };
    let mut lines = Vec::new();
    lines.extend(who.phone.as_deref().map(|phone| format!("Phone: {}", clean::name(phone))));
    let invoices = item.invoices();
    if !invoices.is_empty() {
        let sums: Vec<String> =
            item.amounts.iter().map(|(currency, amount)| Money { amount: *amount, currency: *currency }.to_string()).collect();
        let open = if sums.is_empty() { "nothing".to_owned() } else { sums.join(", ") };
        lines.push(format!("Open: {open} on {}", invoices.iter().map(|i| clean::name(i)).collect::<Vec<_>>().join(", ")));
    }
    if item.overdue {
        lines.push(format!("Overdue since {}", item.due));
    }
    lines.extend(item.entry.note.as_deref().map(|note| clean::body(&note.chars().take(NOTE).collect::<String>()).into_owned()));
    if !item.entry.to.is_empty() {
        lines.push(format!("Collector: {}", clean::name(&item.collector())));
    }
    lines.push(format!("dunningd tasks show {id}"));
    entry
        .uid(&format!("{id}@dunningd"))
        .timestamp(changed)
        .last_modified(changed)
        .summary(&format!("{task}: {name}"))
        .description(&lines.join("\n"))
        .class(Class::Private)
        .add_property("CATEGORIES", task.replace(['\\', ',', ';'], " "));
}
