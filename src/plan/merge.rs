//! One e-mail per customer, one notice per colleague, one review per customer (T22, T24).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use super::contact::{Asked, Covered, Group, Kind, Planned, Veto};
use crate::address::EmailAddress;
use crate::timetable::approval::{Leaves, Told, Waits};
use crate::timetable::step::Merge;
use crate::timetable::stops::{self, Account};
use crate::timetable::{Action, Step, Timetable};

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
    /// How it waits for a person's word (T34).
    pub waits: Option<Waits>,
    /// A person has approved it.
    pub is_approved: bool,
    /// Somebody was told of it.
    pub told: Option<Told>,
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

/// The day of a plan, and the time of day for which it is made; `None`: for the day as a whole.
#[derive(Debug, Clone, Copy)]
pub struct When<'t> {
    pub timetable: &'t Timetable,
    pub today: NaiveDate,
    pub at: Option<NaiveTime>,
}

/// Merges what is due into contacts, in the plan's order (T25).
#[must_use]
pub fn contacts(due: Vec<Due<'_>>, when: When<'_>) -> Vec<Planned> {
    let mut groups: BTreeMap<Key, Vec<Due<'_>>> = BTreeMap::new();
    for one in due {
        groups.entry(key(&one)).or_default().push(one);
    }
    let mut contacts: Vec<Planned> = groups.into_values().filter_map(|group| contact(group, when)).collect();
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

fn contact(mut group: Vec<Due<'_>>, when: When<'_>) -> Option<Planned> {
    group.sort_by(|a, b| rank(&a.covered).cmp(&rank(&b.covered)));
    let planned = planned(group.first()?, when.today);
    let (asked, unopposed) = asked(&group, when);
    Some(Planned { asked, unopposed, covered: group.into_iter().map(|d| d.covered).collect(), ..planned })
}

/// T34: whether a contact waits for a word, or nobody has objected in time. The whole e-mail waits for the one who asks, so
/// that it stays one (T22).
fn asked(group: &[Due<'_>], when: When<'_>) -> (Option<Asked>, Option<Told>) {
    let waits: Vec<Waits> = group.iter().filter_map(|d| d.waits).collect();
    let Some(since) = waits.iter().map(|w| w.since).min() else { return (None, None) };
    let whom = group.first().and_then(|lead| lead.account.customer.collector.clone());
    // One that nobody was asked about is shown with the others, and joins as they do.
    let shown = group.iter().filter(|d| !d.is_approved).map(|d| d.told.as_ref());
    let veto = waits.iter().all(|w| w.veto).then(|| {
        let told = when.timetable.approval.silence(&when.timetable.calendar, shown);
        Veto { told }
    });
    let now = Leaves { on: when.today, from: when.at.unwrap_or(NaiveTime::MIN) };
    let is_over = |told: &&Told| told.leaves <= now || (when.at.is_none() && told.leaves.on <= now.on);
    match veto.as_ref().and_then(|v| v.told.as_ref()).filter(is_over) {
        Some(told) => (None, Some(told.clone())),
        None => (Some(Asked { since, whom, veto }), None),
    }
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
        unopposed: None,
        covered: vec![lead.covered.clone()],
    }
}
