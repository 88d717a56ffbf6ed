//! `dunningd log --verify`: whether the log was changed behind the program's back (D14).

use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::config::Config;
use crate::contacts::verify::{self, Finding, Verified};
use crate::database::Database;

pub async fn run(globals: &Globals, config: &Config, db: &Database) -> Result {
    let mut findings = 0_u64;
    let mut found = |finding: Finding| {
        findings += 1;
        say(&finding, globals.format);
    };
    // First: a daemon at work writes the log, and then the mark.
    let mark = open::mark(config, db)?;
    let mut tx = db.snapshot().await?;
    let verified = verify::verify(&mut tx, &mut found).await?;
    if let Some(gap) = mark.gap(&mut tx).await? {
        found(Finding { event: Some(mark.number()), contact: None, finding: gap });
    }
    let marked = mark.is_there();
    match globals.format {
        Format::Json => output::json(&json!({ "verified": {
            "events": verified.events, "forgotten": verified.forgotten, "contacts": verified.contacts,
            "messages": verified.messages, "head": { "event": verified.head.number, "hash": verified.head.hash },
            "mark": marked, "findings": findings,
        } })),
        Format::Text if findings == 0 => output::line(sound(&verified, marked)),
        Format::Text => {
            output::line(format!("{findings} findings in {} events and {} contacts", verified.events, verified.contacts))
        }
    }
    Ok(if findings == 0 { Exit::Done } else { Exit::Attention })
}

fn sound(verified: &Verified, marked: bool) -> String {
    if verified.events == 0 {
        return "the log is empty, and nothing is wrong with it".to_owned();
    }
    let forgotten = match verified.forgotten {
        0 => String::new(),
        n => format!(" ({n} of them forgotten, with their hashes kept)"),
    };
    let beside = if marked { " and the high-water mark beside the daemon" } else { "" };
    format!(
        "the log is whole: {} events{forgotten}, {} contacts and {} kept messages agree{beside}; event {} has the hash {} – note it elsewhere",
        verified.events, verified.contacts, verified.messages, verified.head.number, verified.head.hash
    )
}

fn say(finding: &Finding, format: Format) {
    if format == Format::Json {
        return output::json(finding);
    }
    let place = match (finding.event, &finding.contact) {
        (Some(event), Some(contact)) => format!("event {event}, contact {contact}: "),
        (Some(event), None) => format!("event {event}: "),
        (None, Some(contact)) => format!("contact {contact}: "),
        (None, None) => String::new(),
    };
    output::line(output::visible(&format!("{place}{}", finding.finding)));
}
