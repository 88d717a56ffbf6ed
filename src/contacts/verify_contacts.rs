//! The contacts and their kept messages against the log's events (D14).

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::State;
use super::digest::Mailing;
use super::pack::Packs;
use super::verify::{Finding, PAGE, Verified};
use crate::database::{DatabaseError, Row, Tx};
use crate::hex::hex;
use crate::vals;

/// Each contact against its last event and its last intent; its message against its hash.
pub(super) async fn contacts(tx: &mut Tx, verified: &mut Verified, found: &mut impl FnMut(Finding)) -> Result<(), DatabaseError> {
    // `erased`: its last event of which only the commitment is left; `forgot`: its last event that says so (D15).
    let sql = format!(
        "SELECT c.*, e.number AS last, e.from_state, e.to_state, e.reason AS said, e.relay_reply AS replied, e.salt,
                i.number AS intent, i.content, i.salt AS intent_salt,
                (SELECT max(number) FROM contact_event WHERE contact = c.id AND salt IS NULL) AS erased,
                (SELECT max(number) FROM contact_event WHERE contact = c.id AND content LIKE '{{\"forgotten\":%') AS forgot
         FROM contact c
         LEFT JOIN contact_event e ON e.number = (SELECT max(number) FROM contact_event WHERE contact = c.id)
         LEFT JOIN contact_event i ON i.number =
           (SELECT max(number) FROM contact_event WHERE contact = c.id AND to_state = 'sending')
         WHERE c.id > $1 ORDER BY c.id LIMIT {PAGE}"
    );
    let (mut after, mut packs) = (String::new(), Packs::default());
    loop {
        let rows = tx.all(&sql, vals![&after]).await?;
        for row in &rows {
            let id = row.text("id")?;
            verified.contacts += 1;
            for (event, text) in contact(row)? {
                found(Finding::new(event, Some(&id), text));
            }
            if let Some(pack) = row.opt_text("message_pack")? {
                verified.messages += 1;
                let place = (row.opt_int("message_offset")?.unwrap_or(-1), row.opt_int("message_length")?.unwrap_or(-1));
                let bytes = packs.bytes(tx, &pack, place).await?;
                let hash = bytes.map(|b| hex(&Sha256::digest(b)));
                if hash != row.opt_text("message_sha256")? {
                    let text = match hash {
                        Some(_) => "its kept message is not the one whose hash the contact has",
                        None => "its kept message cannot be read: the bytes or their place were changed",
                    };
                    found(Finding::new(row.opt_int("intent")?, Some(&id), text));
                }
            }
            after = id;
        }
        if rows.len() < PAGE as usize {
            return Ok(());
        }
    }
}

type Said = (Option<i64>, String);

fn contact(row: &Row) -> Result<Vec<Said>, DatabaseError> {
    let Some(last) = row.opt_int("last")? else { return Ok(vec![(None, "the log has no event of it".to_owned())]) };
    let mut said = Vec::new();
    let (state, to) = (row.text("state")?, row.text("to_state")?);
    if state != to {
        said.push((Some(last), format!("it is {state}, and its last event made it {to}")));
    }
    if row.opt_int("erased")? > row.opt_int("forgot")? {
        said.push((row.opt_int("erased")?, "what it says was erased, and no event says that it was forgotten".to_owned()));
    }
    // A task's reason goes when somebody changes it. What is forgotten is gone from both.
    let forgotten = row.opt_text("salt")?.is_none() || row.opt_int("forgot")?.is_some();
    if !forgotten && row.text("kind")? != "task" {
        if row.opt_text("reason")? != row.opt_text("said")? {
            said.push((Some(last), "its reason is not that of its last event".to_owned()));
        }
        let reply = row.opt_text("replied")?;
        if reply.is_some() && reply != row.opt_text("relay_reply")? {
            said.push((Some(last), "the relay's reply is not that of its last event".to_owned()));
        }
    }
    said.extend(against_intent(row, &state)?);
    Ok(said)
}

/// What it was when it was last handed over, and what it is now.
fn against_intent(row: &Row, state: &str) -> Result<Vec<Said>, DatabaseError> {
    let (intent, content) = (row.opt_int("intent")?, row.opt_text("content")?);
    let hashed = row.opt_text("message_sha256")?;
    let (Some(number), Some(content)) = (intent, content) else {
        // A digest is kept as it was written, before it is handed over.
        let made_up = intent.is_none() && hashed.is_some() && Mailing::of(&row.text("merged_as")?).is_none();
        return Ok(Vec::from_iter(
            made_up.then(|| (None, "it has the hash of a message, and no event handed one over".to_owned())),
        ));
    };
    let was: BTreeMap<String, Value> = serde_json::from_str(&content).unwrap_or_default();
    let text = |key: &str| was.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut wrong = Vec::new();
    if text("sha256") != hashed {
        wrong.push("the hash of its message");
    }
    if text("message_id") != row.opt_text("message_id")? {
        wrong.push("its Message-ID");
    }
    // One that waits for another try is brought up to date by every poll, without an event.
    let from = row.opt_text("from_state")?;
    let as_sent = [State::Sending, State::Sent, State::InDoubt].iter().any(|s| s.word() == state)
        || (state == State::Failed.word() && from.as_deref() == Some(State::Sending.word()));
    if as_sent {
        let list = |column: &str| row.json::<Value>(column);
        if was.get("to") != Some(&list("recipients")?) || was.get("cc") != Some(&list("cc")?) {
            wrong.push("its recipients");
        }
        if text("customer").as_ref() != Some(&row.text("customer")?) {
            wrong.push("its customer");
        }
        if text("date").as_ref() != Some(&row.text("date")?) {
            wrong.push("its date");
        }
    }
    if wrong.is_empty() {
        return Ok(Vec::new());
    }
    let (what, verb) = (wrong.join(", "), if wrong.len() == 1 && wrong[0] != "its recipients" { "is" } else { "are" });
    Ok(vec![(Some(number), format!("{what} {verb} not what the log says was handed over"))])
}
