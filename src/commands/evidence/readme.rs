//! The README of the evidence: for people, who may have to judge it without knowing dunningd.

use std::fmt::Write as _;

use crate::contacts::evidence::{EventRow, Exhibit};

/// What is left of a contact's message.
#[derive(Debug)]
pub enum Kept {
    /// The file with its bytes.
    Sound(String),
    /// The file with bytes that have another hash.
    Changed(String),
    Not,
}

/// A contact, and what is left of its message.
#[derive(Debug)]
pub struct Shown {
    pub exhibit: Exhibit,
    pub kept: Kept,
}

impl serde::Serialize for Shown {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Row<'a> {
            #[serde(flatten)]
            exhibit: &'a Exhibit,
            file: Option<&'a str>,
        }
        let file = match &self.kept {
            Kept::Sound(name) | Kept::Changed(name) => Some(name.as_str()),
            Kept::Not => None,
        };
        Row { exhibit: &self.exhibit, file }.serialize(serializer)
    }
}

const PROVES: &str = "
WHAT IT PROVES, AND WHAT NOT
----------------------------
- `sent` means: the relay (the mail server that was configured) has answered the complete message with a code that
  begins with 2, such as 250. From then on the relay was responsible for it. The answer is quoted above.
- It does not prove that the message was delivered into a mailbox, that anybody read it, or that the address belonged to
  whom it was meant for. A 250 is no proof of receipt. The relay's own log says what it did next.
- `in-doubt` means: the message was handed over, and the answer never came. `failed`, `cancelled` and `skipped` mean that
  the message was not accepted, or never left; where an event before that says `in-doubt`, it may have been accepted then.
- The chain of hashes proves the order of the events, and that nobody has changed or removed one without making all later
  hashes anew. Whoever can write to the whole database could do just that; so a hash of the chain that was noted elsewhere
  at its time (in a journal, on paper, with a notary) is worth more than the chain alone. The newest one is given below.
- Times are in UTC, by the clock of the computer on which dunningd ran.

THE FILES
---------
contacts.json   every contact about this invoice, in whatever state, with the SHA-256 of its message
events.json     every change of these contacts: when, from which state to which, why, and the relay's answer
messages/       the messages as they were last handed over, byte for byte; a mail program opens them
chain.jsonl     the chain of hashes from just before the first of these events to the newest event of the log: one event a
                line, and of other contacts nothing but an id, states and times
SHA256SUMS      the hashes of all these files: `sha256sum -c SHA256SUMS`

An e-mail may cover several invoices, and of customers who share an address also each other's. These are part of what
was sent, and of this file. Before you hand it on, look whether the recipient may see them.

A message that was tried several times is kept as it was last handed over; the hashes of the earlier tries are in the
`content` of their events. Messages are kept for the time that the configuration says (`keep_messages`), and their hashes
for good. Where somebody's data had to be erased by law, the texts are null, and the hashes remain.

HOW TO CHECK A HASH
-------------------
A text is entered with its length in bytes before it, as 8 bytes, the greatest first, and a null as 8 bytes of 255.
Then, with SHA-256, written in lower-case hexadecimal:

  commitment = hash of: salt, reason, relay_reply, content                               (each entered as above)
  hash       = hash of: the number of the event as 8 bytes, the greatest first; then
               the hash of the event before it (an empty text for event 1), contact, at, from_state, to_state, commitment

The SHA-256 of a file in messages/ is the `message_sha256` of its contact, and the `sha256` in the `content` of the last
event that made it `sending`. Where dunningd is at hand, `dunningd log --verify` checks the whole log.
";

/// The text.
pub fn write(invoice: &str, all: &[Shown], events: &[EventRow], head: &(i64, String)) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = writeln!(text, "What dunningd has sent about invoice {invoice}\n{}", "=".repeat(37 + invoice.chars().count()));
    for shown in all {
        let _ = contact(&mut text, shown, events);
    }
    text.push_str(PROVES);
    let _ = writeln!(text, "\nThe newest event of the log is number {}; its hash is\n{}", head.0, head.1);
    text
}

fn contact(text: &mut String, shown: &Shown, events: &[EventRow]) -> std::fmt::Result {
    let e = &shown.exhibit.entry;
    let id = e.contact.as_deref().unwrap_or_default();
    writeln!(text, "\n{}  {} `{}` (step {}): {}", e.date, e.kind.word(), e.action, e.step, e.state)?;
    writeln!(text, "  contact     {id}")?;
    writeln!(text, "  customer    {}", e.customer)?;
    let invoices: Vec<String> =
        e.invoices.iter().map(|i| format!("{} ({} {}, due {})", i.id, i.open_balance, i.currency, i.due_date)).collect();
    if !invoices.is_empty() {
        writeln!(text, "  covers      {}", invoices.join(", "))?;
    }
    if !e.to.is_empty() || !e.cc.is_empty() {
        writeln!(text, "  to          {}", e.to.iter().chain(&e.cc).cloned().collect::<Vec<_>>().join(", "))?;
    }
    if let Some(message_id) = &e.message_id {
        writeln!(text, "  Message-ID  {message_id}")?;
    }
    if let Some(relays) = &e.relay_message_id {
        writeln!(text, "  at relay    {relays}")?;
    }
    match (&shown.kept, &shown.exhibit.message_sha256) {
        (Kept::Sound(file), _) => writeln!(text, "  message     {file}")?,
        (Kept::Changed(file), _) => {
            writeln!(text, "  message     {file} IS NOT what was handed over: its hash is another one")?;
        }
        (Kept::Not, Some(hash)) => writeln!(text, "  message     not kept any more; its SHA-256 was {hash}")?,
        (Kept::Not, None) => {}
    }
    for event in events.iter().filter(|event| event.contact == id) {
        let said = [&event.reason, &event.relay_reply].into_iter().flatten().fold(String::new(), |said, part| {
            if said.contains(part.as_str()) {
                said
            } else {
                format!("{said}; {}", super::output::visible(part).replace('\n', " "))
            }
        });
        writeln!(text, "  {}  event {}: {}{said}", event.at, event.number, event.to_state)?;
    }
    Ok(())
}
