//! From a rendered e-mail to the bytes that leave (D11, D12).

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, FixedOffset};
use lettre::message::Body;
use lettre::message::header::{self, ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use crate::address::EmailAddress;
use crate::hex::hex;
use crate::message::attach::Attachment;
use crate::message::mailbox::Mailbox;
use crate::message::outgoing::Message;
use crate::message::renderer::Rendered;
use crate::message::{clean, parts, unsubscribe};

/// The longest line of a message, in octets, without its line break (RFC 5322 2.1.1).
const LINE_LIMIT: usize = 998;
/// The most earlier messages that a reminder refers to.
const REFERENCES: usize = 10;

/// What a message says beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// With angle brackets, see [`message_id`]; the same for every try of one contact.
    pub message_id: String,
    /// In the timetable's zone, so that the reader sees the sender's day.
    pub date: DateTime<FixedOffset>,
    /// The contact's id: `X-Dunningd-Contact`.
    pub contact: String,
    pub from: Mailbox,
    /// The envelope's sender, where bounces go ([`Company::sender_of`](crate::message::Company::sender_of)).
    pub sender: EmailAddress,
    pub reply_to: Option<EmailAddress>,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    /// Where no more mail can be asked for (RFC 2369); an `https:` one takes the one click of RFC 8058.
    pub list_unsubscribe: Option<String>,
    /// The first e-mail about the lead invoice that has left, so that the reminders thread.
    pub in_reply_to: Option<String>,
    /// The accepted e-mails about the lead invoice, the oldest first; the last ten are named.
    pub references: Vec<String>,
    /// The invoices' documents.
    pub attachments: Vec<Attachment>,
}

/// Why there is no message; only this contact fails (D10).
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BuildError {
    #[error("the message has no recipient")]
    NoRecipient,
    #[error("{0:?} is no Message-ID: it is written <…@…>, without spaces")]
    MessageId(String),
    #[error("the message cannot be put together: {0}")]
    Library(String),
}

/// `<CONTACT.RANDOM@DOMAIN>`: made once for a contact and kept with it (D11).
#[must_use]
pub fn message_id(contact: &str, random: &str, sender_domain: &str) -> String {
    let plain = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect::<String>();
    format!("<{}.{}@{}>", plain(contact), plain(random), plain(sender_domain))
}

/// Puts a message together: text and HTML as alternatives, or the text alone, UTF-8 in quoted-printable; before the
/// documents, if there are any. The same arguments make the same bytes.
///
/// # Errors
/// [`BuildError`]; never panics, whatever the texts hold.
pub fn build(rendered: &Rendered, headers: &Headers) -> Result<Message, BuildError> {
    if headers.to.is_empty() && headers.cc.is_empty() {
        return Err(BuildError::NoRecipient);
    }
    for id in [&headers.message_id].into_iter().chain(&headers.in_reply_to).chain(&headers.references) {
        check_id(id)?;
    }
    // The library panics on some texts (a line break in a name); they are cleaned before, and this is the second fence.
    let bytes = catch_unwind(AssertUnwindSafe(|| assemble(rendered, headers)))
        .map_err(|_| BuildError::Library("the mail library failed".to_owned()))??;
    check_wire(&bytes)?;
    let mut recipients: Vec<EmailAddress> = Vec::new();
    for address in headers.to.iter().chain(&headers.cc).map(|m| &m.address) {
        if !recipients.contains(address) {
            recipients.push(address.clone());
        }
    }
    let (message_id, contact, sender) = (headers.message_id.clone(), headers.contact.clone(), headers.sender.clone());
    Ok(Message { message_id, contact, sender, recipients, bytes })
}

fn check_id(id: &str) -> Result<(), BuildError> {
    let inner = id.strip_prefix('<').and_then(|i| i.strip_suffix('>')).filter(|i| i.contains('@'));
    let good = inner.is_some_and(|i| i.len() <= 250 && i.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>'));
    if good { Ok(()) } else { Err(BuildError::MessageId(id.chars().take(100).collect())) }
}

fn assemble(rendered: &Rendered, headers: &Headers) -> Result<Vec<u8>, BuildError> {
    let all = |list: &[Mailbox]| list.iter().map(mailbox).collect::<lettre::message::Mailboxes>();
    let mut lines = lettre::message::header::Headers::with_capacity(16);
    lines.insert_raw(header("Date", headers.date.to_rfc2822()));
    lines.set(header::From::from(all(std::slice::from_ref(&headers.from))));
    lines.set(header::MessageId::from(headers.message_id.clone()));
    lines.set(header::Subject::from(clean::line(&rendered.subject, clean::SUBJECT_LIMIT)));
    if !headers.to.is_empty() {
        lines.set(header::To::from(all(&headers.to)));
    }
    if !headers.cc.is_empty() {
        lines.set(header::Cc::from(all(&headers.cc)));
    }
    if let Some(reply_to) = &headers.reply_to {
        lines.set(header::ReplyTo::from(all(&[reply_to.clone().into()])));
    }
    if let Some(id) = &headers.in_reply_to {
        lines.set(header::InReplyTo::from(id.clone()));
    }
    let from = headers.references.len().saturating_sub(REFERENCES);
    if let Some(ids) = headers.references.get(from..).filter(|ids| !ids.is_empty()) {
        lines.set(header::References::from(ids.join(" ")));
    }
    lines.set(header::MIME_VERSION_1_0);
    let is_plain = rendered.html.is_none() && headers.attachments.is_empty();
    if is_plain {
        lines.set(header::ContentType::TEXT_PLAIN);
        lines.set(header::ContentTransferEncoding::QuotedPrintable);
    }
    lines.insert_raw(header("Auto-Submitted", "auto-generated".to_owned()));
    if let Some(address) = &headers.list_unsubscribe {
        lines.insert_raw(unfolded("List-Unsubscribe", address));
        if unsubscribe::is_one_click(address) {
            lines.insert_raw(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
    }
    lines.insert_raw(header("X-Dunningd-Contact", clean::name(&headers.contact)));
    let mut out = lines.to_string().into_bytes();
    if is_plain {
        out.extend_from_slice(b"\r\n");
        parts::quoted_printable(&mut out, &rendered.text);
    } else {
        body(&mut out, rendered, headers)?;
    }
    Ok(out)
}

/// What has several parts: the alternatives, the documents, or both.
fn body(out: &mut Vec<u8>, rendered: &Rendered, headers: &Headers) -> Result<(), BuildError> {
    let inner = boundary(&headers.message_id);
    let begin = |out: &mut Vec<u8>, kind: &str, boundary: &str| {
        out.extend_from_slice(parts::several(kind, boundary).as_bytes());
        out.extend_from_slice(b"\r\n");
    };
    let text = |out: &mut Vec<u8>| match &rendered.html {
        None => parts::single(out, parts::Kind::Text, &rendered.text),
        Some(html) => {
            begin(out, "alternative", &inner);
            parts::alternatives(out, &inner, &rendered.text, html);
        }
    };
    if headers.attachments.is_empty() {
        text(out);
        return Ok(());
    }
    let outer = boundary(&format!("{} with documents", headers.message_id));
    begin(out, "mixed", &outer);
    parts::next(out, &outer);
    text(out);
    for file in &headers.attachments {
        parts::next(out, &outer);
        out.extend_from_slice(&document(file)?);
    }
    parts::end(out, &outer);
    Ok(())
}

pub(super) fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// One long word that no reader would decode: the library writes whatever is longer than a line as encoded words.
pub(super) fn unfolded(name: &'static str, word: &str) -> HeaderValue {
    let plain: String = word.chars().filter(char::is_ascii_graphic).collect();
    let value = format!("<{plain}>");
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

/// Our addresses are stricter than the library's, which refuses some that are good.
pub(super) fn mailbox(mailbox: &Mailbox) -> lettre::message::Mailbox {
    let address = lettre::Address::new_dangerous(mailbox.address.local(), mailbox.address.domain());
    let name = mailbox.name.as_deref().map(clean::name).filter(|n| !n.is_empty());
    lettre::message::Mailbox::new(name, address)
}

fn document(file: &Attachment) -> Result<Vec<u8>, BuildError> {
    let pdf = ContentType::parse("application/pdf").map_err(|e| BuildError::Library(e.to_string()))?;
    let body = Body::new_with_encoding(file.bytes.clone(), ContentTransferEncoding::Base64)
        .map_err(|_| BuildError::Library("a document cannot be encoded".to_owned()))?;
    Ok(lettre::message::Attachment::new(clean::name(&file.name)).body(body, pdf).formatted())
}

/// The same for every try of a contact, and never in a body: quoted-printable has no `=_`, base64 no `_`.
pub(super) fn boundary(message_id: &str) -> String {
    format!("=_{}", hex(&Sha256::digest(message_id.as_bytes())[..16]))
}

/// What the wire promises ([`Message::bytes`]), looked at once more.
fn check_wire(bytes: &[u8]) -> Result<(), BuildError> {
    let broken = |what: &str| Err(BuildError::Library(what.to_owned()));
    if memchr::memchr(0, bytes).is_some() {
        return broken("a NUL is left");
    }
    let mut begin = 0;
    for end in memchr::memchr2_iter(b'\r', b'\n', bytes) {
        match (bytes[end], end.checked_sub(1).map(|n| bytes[n]), bytes.get(end + 1)) {
            (b'\r', _, Some(b'\n')) if end - begin <= LINE_LIMIT => {}
            (b'\r', _, Some(b'\n')) => return broken("a line is longer than 998 octets"),
            (b'\r', _, _) => return broken("a CR without LF is left"),
            (_, Some(b'\r'), _) => begin = end + 1,
            _ => return broken("an LF without CR is left"),
        }
    }
    if bytes.len() - begin > LINE_LIMIT {
        return broken("a line is longer than 998 octets");
    }
    Ok(())
}
