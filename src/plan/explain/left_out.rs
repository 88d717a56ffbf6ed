//! Steps that are not for an invoice at all: another segment (T2), a limit (T7), the file's word (T8), a rename (T31).

use super::line::Line;
use super::{Question, told, words};
use crate::ledger::Invoice;
use crate::timetable::step::LeftOut;
use crate::timetable::stops::Account;
use crate::timetable::{Days, Step, When};

/// Why it is not for the invoice: a word for programs, the rule, and a sentence.
pub(super) struct Reason {
    word: &'static str,
    rule: &'static str,
    sentence: String,
}

/// `None`: the invoice has the step.
pub(super) fn reason(q: &Question<'_>, account: &Account<'_>, invoice: &Invoice, step: &Step) -> Option<Reason> {
    let timetable = q.day.timetable;
    let segment = account.segment;
    if !step.is_for_segment(segment) {
        let others: Vec<String> = match &step.when {
            When::Days { days: Days::BySegment(table), .. } => table.keys().cloned().collect(),
            _ => Vec::new(),
        };
        let sentence = format!(
            "The segment {segment} does not have this step; {} {} (T2).",
            words::list(&others),
            if others.len() == 1 { "has" } else { "have" }
        );
        return Some(Reason { word: "segment", rule: "T2", sentence });
    }
    if q.day.is_held_step(step) {
        let sentence = "The step has appeared while another one with contacts has gone: it waits until a person says whether it is \
                        that one under a new name (T31).";
        return Some(Reason { word: "renamed", rule: "T31", sentence: sentence.to_owned() });
    }
    let limits = &step.limits;
    let (word, rule, sentence) = match step.left_out(timetable, account.customer, segment, invoice)? {
        LeftOut::SkipSteps => (
            "skip_steps",
            "T8",
            format!("The timetable file leaves this step out for the customer {} (T8, skip_steps).", account.customer.id),
        ),
        LeftOut::Sizes => {
            let size = timetable.sizes.size_of(invoice.total, invoice.currency);
            ("sizes", "T7", format!("The invoice is {size}; the step is only for {} (T7, sizes).", any(&limits.sizes)))
        }
        LeftOut::Ranks => {
            let rank = match account.customer.shown_rank() {
                Some(rank) => format!("has the rank {rank}"),
                None => "has no rank".to_owned(),
            };
            ("ranks", "T7", format!("The customer {rank}; the step is only for {} (T7, ranks).", any(&limits.ranks)))
        }
        LeftOut::Segments => (
            "segments",
            "T7",
            format!("The customer is in the segment {segment}; the step is only for {} (T7, segments).", any(&limits.segments)),
        ),
        LeftOut::Currencies => {
            let list: Option<Vec<String>> = limits.currencies.as_ref().map(|l| l.iter().map(ToString::to_string).collect());
            (
                "currencies",
                "T7",
                format!("The invoice is in {}; the step is only for {} (T7, currencies).", invoice.currency, any(&list)),
            )
        }
    };
    Some(Reason { word, rule, sentence })
}

fn any(list: &Option<Vec<String>>) -> String {
    list.as_deref().map(|l| l.join(" or ")).unwrap_or_default()
}

/// Its line; what the log has of the step all the same is said, too.
pub(super) fn line(q: &Question<'_>, invoice: &Invoice, step: &Step, reason: Reason) -> Line {
    let mut line = Line::new(invoice, step, "does not apply", reason.rule);
    line.reason = Some(reason.word.to_owned());
    line.say(reason.sentence);
    let own = q.records.contacts.iter().rev().find(|c| c.invoice == invoice.id && c.step == step.id && c.before);
    if let Some(contact) = own {
        line.refer(contact);
        line.say(told::any(q, contact));
    }
    line
}
