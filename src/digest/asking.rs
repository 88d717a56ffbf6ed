//! Who is told of the e-mails that wait for approval, and what each of them reads (T34).

use std::collections::BTreeSet;

use super::Settings;
use super::gather::Gathered;
use crate::contacts::forewarned::Named;
use crate::contacts::{Entry, EntryInvoice};
use crate::message::Company;
use crate::message::digest::{Approval, Asked, shown, visible};
use crate::message::forewarning::Forewarning;
use crate::timetable::approval::Leaves;

/// So many invoices of such an e-mail are listed, and so many lines of its text.
const INVOICES: usize = 10;
const LINES: usize = 40;
/// So many of them are shown with what they say: beyond that, nobody reads them in an e-mail.
const TEXTS: usize = 100;

impl Gathered<'_> {
    /// The forewarnings of a day, one for each reader: whoever decides about something that waits.
    #[must_use]
    pub fn forewarnings(&self, digest: Option<&Settings>, company: &Company) -> Vec<Forewarning> {
        let readers: BTreeSet<String> = self.waiting.iter().flat_map(|e| self.deciders(e, digest)).collect();
        readers.into_iter().map(|reader| self.forewarning(&reader, digest, company)).collect()
    }

    /// That of one reader.
    #[must_use]
    pub fn forewarning(&self, reader: &str, digest: Option<&Settings>, company: &Company) -> Forewarning {
        Forewarning {
            company: company.clone(),
            recipient: reader.to_owned(),
            today: self.days.today,
            approvals: self.approvals(&self.asked(reader, digest), digest),
        }
    }

    /// Who decides about an e-mail, and is told of it: the customer's collector; where there is none, or collectors get no
    /// digest and there is no e-mail of its own, those whom the file names, or else those who manage.
    fn deciders(&self, waits: &Entry, digest: Option<&Settings>) -> Vec<String> {
        let rules = &self.timetable.approval;
        let told = rules.at.is_some() || digest.is_some_and(|d| d.collectors);
        match &waits.asks {
            Some(collector) if told => vec![collector.clone()],
            _ if !rules.to.is_empty() => rules.to.iter().map(ToString::to_string).collect(),
            _ => digest.into_iter().flat_map(|d| &d.manager).map(ToString::to_string).collect(),
        }
    }

    /// What waits for the word of one reader, the oldest first.
    pub(super) fn asked(&self, reader: &str, digest: Option<&Settings>) -> Vec<&Entry> {
        self.waiting.iter().filter(|e| self.deciders(e, digest).iter().any(|who| who == reader)).collect()
    }

    /// What the digest (`apart` false) or the forewarning of a reader says of what waits, for the log.
    #[must_use]
    pub fn named(&self, reader: &str, digest: Option<&Settings>, apart: bool) -> Vec<Named> {
        if apart != self.timetable.approval.at.is_some() {
            return Vec::new();
        }
        self.asked(reader, digest).into_iter().map(|e| Named::of(e, self.leaves(e, digest))).collect()
    }

    /// From when on silence lets an e-mail leave of which somebody is told now, or was told before; `None`: it waits for a word.
    fn leaves(&self, waits: &Entry, digest: Option<&Settings>) -> Option<Leaves> {
        if !waits.veto {
            return None;
        }
        let (rules, calendar) = (&self.timetable.approval, &self.timetable.calendar);
        let now = || Some(rules.leaves(calendar, self.days.today, rules.at.or(digest.map(|d| d.at))?));
        let told = waits.told.as_ref().map(|told| &told.is);
        told.and_then(|told| rules.silence(calendar, std::iter::once(Some(told)))).map(|t| t.leaves).or_else(now)
    }

    /// What a person has to know to approve or reject each of them.
    pub(super) fn approvals(&self, asked: &[&Entry], digest: Option<&Settings>) -> Vec<Approval> {
        let one = |(place, entry): (usize, &&Entry)| self.approval(entry, self.leaves(entry, digest), place < TEXTS);
        asked.iter().enumerate().map(one).collect()
    }

    fn approval(&self, entry: &Entry, leaves: Option<Leaves>, with_text: bool) -> Approval {
        // What leaves by silence is named as a whole.
        let most = if leaves.is_some() { usize::MAX } else { INVOICES };
        let id = entry.contact.clone().unwrap_or_default();
        let draft = self.drafts.get(&id).filter(|_| with_text);
        let invoice = |i: &EntryInvoice| Asked {
            id: shown(&i.id).unwrap_or_default(),
            days_past_due: i.days_past_due,
            amount: i.open_balance.clone(),
            currency: i.currency,
        };
        Approval {
            customer_id: shown(&entry.customer).unwrap_or_default(),
            customer_name: self.name(&entry.customer),
            step: shown(&entry.step).unwrap_or_default(),
            since: entry.asked_on.unwrap_or(entry.date),
            to: entry.to.join(", "),
            invoices: entry.invoices.iter().take(most).map(invoice).collect(),
            more_invoices: entry.invoices.len().saturating_sub(most),
            subject: draft.and_then(|d| shown(&d.subject)),
            text: draft.map_or_else(Vec::new, |d| excerpt(&d.text)),
            leaves_on: leaves.map(|l| l.on),
            leaves_from: leaves.map(|l| l.from.format("%H:%M").to_string()),
            id,
        }
    }
}

/// The first lines of a letter, each visible on its own.
fn excerpt(text: &str) -> Vec<String> {
    let all: Vec<&str> = text.trim_end().lines().collect();
    let line = |line: &&str| line.split_whitespace().next().map_or_else(String::new, |_| visible(line));
    let mut found: Vec<String> = all.iter().take(LINES).map(line).collect();
    if all.len() > LINES {
        found.push("…".to_owned());
    }
    found
}
