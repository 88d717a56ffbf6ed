//! One e-mail per customer, one notice per colleague, one review per customer (T22, T24).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::contact::{Asked, Covered, Group, Kind, Planned};
use crate::address::EmailAddress;
use crate::timetable::step::Merge;
use crate::timetable::stops::{self, Account};
use crate::timetable::{Action, Step};

/// One due occurrence with all that its contact needs.
#[derive(Debug, Clone)]
pub struct Due<'a> {
    pub step: &'a Step,
    pub group: Group,
    pub account: &'a Account<'a>,
    pub covered: Covered,
    /// Whom a notice goes to.
    pub recipient: Option<EmailAddress>,
    pub rule: &'static str,
    /// Since when it waits for a person's word (T34).
    pub asked_since: Option<NaiveDate>,
}

/// What falls into one contact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// T22: a customer's e-mails of one group.
    Customer(String, Group),
    /// T22: `merge = "address"`: the e-mails of one group and language to the same recipients, and copies.
    Address(Vec<EmailAddress>, Vec<EmailAddress>, Option<String>, Group),
    /// T22: `merge = false`, and every task but a review.
    Alone(String, String, u32),
    /// T24: one review per customer and step.
    Review(String, String),
    /// T24: per recipient, step and occurrence.
    Notice(EmailAddress, String, u32),
}

fn key(due: &Due<'_>) -> Key {
    let alone = || Key::Alone(due.covered.invoice.clone(), due.covered.step.clone(), due.covered.occurrence);
    let customer = || due.account.customer.id.clone();
    match (&due.step.action, &due.recipient) {
        (Action::Email { .. }, _) if due.step.merge == Merge::Customer => Key::Customer(customer(), due.group),
        (Action::Email { .. }, _) if due.step.merge == Merge::Address => {
            let account = due.account;
            Key::Address(account.mailbox(), stops::mailbox(&account.cc), account.language.clone(), due.group)
        }
        (Action::Task { .. }, _) if due.step.is_review() => Key::Review(customer(), due.step.id.clone()),
        (Action::Notice { .. }, Some(to)) => Key::Notice(to.clone(), due.step.id.clone(), due.covered.occurrence),
        _ => alone(),
    }
}

/// The order within a contact: the greatest days first, then the greater open balance, then the smaller invoice id and
/// step id (T22).
pub(super) fn rank(covered: &Covered) -> (Reverse<Option<i64>>, Reverse<rust_decimal::Decimal>, &str, &str) {
    (Reverse(covered.days), Reverse(covered.open_balance), &covered.invoice, &covered.step)
}

/// Merges what is due into contacts, in the plan's order (T25).
#[must_use]
pub fn contacts(due: Vec<Due<'_>>, today: chrono::NaiveDate) -> Vec<Planned> {
    let mut groups: BTreeMap<Key, Vec<Due<'_>>> = BTreeMap::new();
    for one in due {
        groups.entry(key(&one)).or_default().push(one);
    }
    let mut contacts: Vec<Planned> = groups.into_values().filter_map(|group| contact(group, today)).collect();
    sort(&mut contacts);
    contacts
}

/// Notices of one day, found customer by customer: those of a recipient, step and occurrence become one (T24).
#[derive(Debug, Default)]
pub struct Notices(BTreeMap<(Vec<EmailAddress>, String, u32), Vec<Planned>>);

impl Notices {
    /// More of them.
    pub fn add(&mut self, notices: impl IntoIterator<Item = Planned>) {
        for one in notices {
            self.0.entry((one.to.clone(), one.step.clone(), one.occurrence)).or_default().push(one);
        }
    }

    /// All of them, in the plan's order (T25).
    #[must_use]
    pub fn into_contacts(self) -> Vec<Planned> {
        let mut contacts: Vec<Planned> = self.0.into_values().filter_map(whole).collect();
        sort(&mut contacts);
        contacts
    }
}

/// The parts of one contact; the one that leads says for whom it is.
fn whole(parts: Vec<Planned>) -> Option<Planned> {
    let mut parts = parts.into_iter();
    let mut lead = parts.next()?;
    for mut part in parts {
        if part.covered.first().map(rank) < lead.covered.first().map(rank) {
            std::mem::swap(&mut lead, &mut part);
        }
        lead.covered.append(&mut part.covered);
    }
    lead.covered.sort_by(|a, b| rank(a).cmp(&rank(b)));
    Some(lead)
}

/// Puts contacts into the plan's order (T25).
pub fn sort(contacts: &mut [Planned]) {
    contacts.sort_by(|a, b| order(a).cmp(&order(b)));
}

/// T25; the last two only make the order total.
fn order(p: &Planned) -> (&str, Group, &str, &str, u32, &[EmailAddress]) {
    (&p.customer, p.group, p.lead(), &p.step, p.occurrence, &p.to)
}

fn contact(mut group: Vec<Due<'_>>, today: chrono::NaiveDate) -> Option<Planned> {
    group.sort_by(|a, b| rank(&a.covered).cmp(&rank(&b.covered)));
    let lead = group.first()?;
    let planned = planned(lead, today);
    // The whole e-mail waits for the one who asks, so that it stays one (T22, T34).
    let since = group.iter().filter_map(|d| d.asked_since).min();
    let whom = &lead.account.customer.collector;
    let asked = since.map(|since| Asked { since, whom: whom.clone() });
    Some(Planned { asked, covered: group.into_iter().map(|d| d.covered).collect(), ..planned })
}

/// The contact of a single occurrence.
#[must_use]
pub fn planned(lead: &Due<'_>, today: chrono::NaiveDate) -> Planned {
    let account = lead.account;
    let (kind, action, to, cc) = match &lead.step.action {
        Action::Email { template } => (Kind::Email, template, account.to.clone(), account.cc.clone()),
        Action::Task { task } => (Kind::Task, task, account.customer.collector.iter().cloned().collect(), Vec::new()),
        Action::Notice { template, .. } => (Kind::Notice, template, lead.recipient.iter().cloned().collect(), Vec::new()),
    };
    Planned {
        kind,
        group: lead.group,
        action: action.clone(),
        step: lead.covered.step.clone(),
        occurrence: lead.covered.occurrence,
        date: today,
        reason: None,
        rule: lead.rule,
        customer: account.customer.id.clone(),
        segment: account.segment.to_owned(),
        to,
        cc,
        language: account.language.clone(),
        asked: None,
        covered: vec![lead.covered.clone()],
    }
}
