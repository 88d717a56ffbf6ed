//! What the log has about an occurrence, in a sentence.

use super::{Logged, Question};
use crate::plan::Kind;

/// `The e-mail of Tue 24 Nov was sent (contact 01J…; the relay said "250 Ok").`
pub(super) fn contact(question: &Question<'_>, logged: &Logged) -> String {
    let what = match logged.kind {
        Kind::Email => "The e-mail",
        Kind::Notice => "The notice",
        Kind::Task => "The task",
    };
    let state = match logged.state.as_str() {
        "sent" => "was sent".to_owned(),
        "failed" => "failed for good, and counts as done".to_owned(),
        "in-doubt" => "is in doubt: nobody knows whether the relay took it, and a person settles it".to_owned(),
        "sending" => "is being sent".to_owned(),
        "planned" | "queued" => "waits to be sent".to_owned(),
        "retrying" => "is tried again".to_owned(),
        "cancelled" => match &logged.reason {
            Some(reason) => format!("was cancelled before it left ({reason}, {})", logged.rule),
            None => "was cancelled before it left".to_owned(),
        },
        "open" => "is open".to_owned(),
        "done" => "is done".to_owned(),
        "snoozed" => match logged.snoozed_until {
            Some(until) => format!("sleeps until {}, that day included", question.date(until)),
            None => "sleeps".to_owned(),
        },
        other => format!("is {other}"),
    };
    let note = logged.note.as_ref().map(|n| format!("; note: {n}")).unwrap_or_default();
    let reply = logged.relay_reply.as_ref().map(|r| format!("; the relay said {r:?}")).unwrap_or_default();
    format!("{what} of {} {state} (contact {}{reply}{note}).", question.date(logged.date), logged.contact)
}

/// `It is in the log as skipped since Tue 24 Nov (contact 01J…).`
pub(super) fn skip(question: &Question<'_>, logged: &Logged) -> String {
    let why = logged.reason.as_ref().map(|r| format!(", {r}")).unwrap_or_default();
    format!("The log has it as skipped on {} (contact {}{why}).", question.date(logged.date), logged.contact)
}

/// Either of them.
pub(super) fn any(question: &Question<'_>, logged: &Logged) -> String {
    if logged.standing == super::Standing::Skipped { skip(question, logged) } else { contact(question, logged) }
}
