//! From a rendered e-mail to the bytes that leave (D11, D12).

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, FixedOffset};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Body, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use crate::address::EmailAddress;
use crate::message::clean;
use crate::message::mailbox::Mailbox;
use crate::message::outgoing::Message;
use crate::message::renderer::Rendered;

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
    /// The envelope sender where it is not `from` (a bounce address).
    pub sender: Option<EmailAddress>,
    pub reply_to: Option<EmailAddress>,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    /// The newest accepted e-mail about the lead invoice.
    pub in_reply_to: Option<String>,
    /// The accepted e-mails about the lead invoice, the oldest first; the last ten are named.
    pub references: Vec<String>,
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

/// Puts a message together: text and HTML as alternatives, or the text alone; UTF-8 in quoted-printable. The same
/// arguments make the same bytes.
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
    let sender = headers.sender.clone().unwrap_or_else(|| headers.from.address.clone());
    Ok(Message { message_id: headers.message_id.clone(), sender, recipients, bytes })
}

fn check_id(id: &str) -> Result<(), BuildError> {
    let inner = id.strip_prefix('<').and_then(|i| i.strip_suffix('>')).filter(|i| i.contains('@'));
    let good = inner.is_some_and(|i| i.len() <= 250 && i.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>'));
    if good { Ok(()) } else { Err(BuildError::MessageId(id.chars().take(100).collect())) }
}

fn assemble(rendered: &Rendered, headers: &Headers) -> Result<Vec<u8>, BuildError> {
    let mut builder = lettre::Message::builder()
        .date(std::time::SystemTime::UNIX_EPOCH) // replaced below: the library writes no other zone than UTC
        .from(mailbox(&headers.from))
        .message_id(Some(headers.message_id.clone()))
        .subject(clean::line(&rendered.subject, clean::SUBJECT_LIMIT));
    for to in &headers.to {
        builder = builder.to(mailbox(to));
    }
    for cc in &headers.cc {
        builder = builder.cc(mailbox(cc));
    }
    if let Some(reply_to) = &headers.reply_to {
        builder = builder.reply_to(mailbox(&reply_to.clone().into()));
    }
    if let Some(id) = &headers.in_reply_to {
        builder = builder.in_reply_to(id.clone());
    }
    let from = headers.references.len().saturating_sub(REFERENCES);
    if let Some(ids) = headers.references.get(from..).filter(|ids| !ids.is_empty()) {
        builder = builder.references(ids.join(" "));
    }
    let text = quoted_printable(&rendered.text)?;
    let message = match &rendered.html {
        Some(html) => {
            let part = |kind, body| SinglePart::builder().header(kind).body(body);
            let parts =
                MultiPart::alternative().boundary(boundary(&headers.message_id)).singlepart(part(ContentType::TEXT_PLAIN, text));
            builder.multipart(parts.singlepart(part(ContentType::TEXT_HTML, quoted_printable(html)?)))
        }
        // Not `singlepart`, which adds an empty line.
        None => builder.header(MIME_VERSION_1_0).header(ContentType::TEXT_PLAIN).body(text),
    };
    let mut message = message.map_err(|e| BuildError::Library(e.to_string()))?;
    let extra = message.headers_mut();
    extra.insert_raw(header("Date", headers.date.to_rfc2822()));
    extra.insert_raw(header("Auto-Submitted", "auto-generated".to_owned()));
    extra.insert_raw(header("X-Dunningd-Contact", clean::name(&headers.contact)));
    Ok(message.formatted())
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// Our addresses are stricter than the library's, which refuses some that are good.
fn mailbox(mailbox: &Mailbox) -> lettre::message::Mailbox {
    let address = lettre::Address::new_dangerous(mailbox.address.local(), mailbox.address.domain());
    let name = mailbox.name.as_deref().map(clean::name).filter(|n| !n.is_empty());
    lettre::message::Mailbox::new(name, address)
}

fn quoted_printable(text: &str) -> Result<Body, BuildError> {
    Body::new_with_encoding(clean::body(text), ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| BuildError::Library("the body cannot be encoded".to_owned()))
}

/// The same for every try of a contact, and never in a body: quoted-printable has no `=_`.
fn boundary(message_id: &str) -> String {
    let hash = Sha256::digest(message_id.as_bytes());
    let hex: String = hash.iter().take(16).map(|b| format!("{b:02x}")).collect();
    format!("=_{hex}")
}

/// What the wire promises ([`Message::bytes`]), looked at once more.
fn check_wire(bytes: &[u8]) -> Result<(), BuildError> {
    let broken = |what: &str| Err(BuildError::Library(what.to_owned()));
    let mut length = 0;
    for (i, byte) in bytes.iter().enumerate() {
        match byte {
            0 => return broken("a NUL is left"),
            b'\r' if bytes.get(i + 1) != Some(&b'\n') => return broken("a CR without LF is left"),
            b'\n' if i == 0 || bytes[i - 1] != b'\r' => return broken("an LF without CR is left"),
            b'\n' => length = 0,
            b'\r' => {}
            _ => length += 1,
        }
        if length > LINE_LIMIT {
            return broken("a line is longer than 998 octets");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders};

    use super::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn headers() -> Headers {
        Headers {
            message_id: message_id("01JABC", "x7", "example.com"),
            date: DateTime::parse_from_rfc3339("2013-03-04T09:00:00-05:00").unwrap(),
            contact: "01JABC".to_owned(),
            from: "Example Accounts <accounts@example.com>".parse().unwrap(),
            sender: None,
            reply_to: Some(address("maria.lopez@example.com")),
            to: vec![Mailbox::new("Müller & Söhne", address("ap@firma.example"))],
            cc: vec![Mailbox::from(address("cc@firma.example")), Mailbox::from(address("ap@firma.example"))],
            in_reply_to: Some("<a@example.com>".to_owned()),
            references: (0..30).map(|n| format!("<{n:0>20}@example.com>")).collect(),
        }
    }

    fn rendered(text: &str, html: Option<&str>) -> Rendered {
        Rendered { language: "en".into(), subject: "Fällig: Rechnung 7".into(), text: text.into(), html: html.map(Into::into) }
    }

    fn raw(message: &Message) -> String {
        String::from_utf8(message.bytes.clone()).unwrap()
    }

    /// What a reader's program shows, with line breaks as templates write them.
    fn shown(message: &Message) -> (String, Option<String>) {
        let parsed = MessageParser::default().parse(&message.bytes).unwrap();
        let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
        let html = parsed.html_body.first().and_then(|n| parsed.parts.get(*n as usize));
        let html = html.filter(|p| p.content_type().is_some_and(|t| t.subtype() == Some("html")));
        (text, html.and_then(|p| p.text_contents()).map(|h| h.replace("\r\n", "\n")))
    }

    #[test]
    fn a_message_has_what_the_standard_and_the_reader_want() {
        let message = build(&rendered("Grüße\n", Some("<p>Grüße</p>\n")), &headers()).unwrap();
        let text = raw(&message);
        for line in [
            "Date: Mon, 4 Mar 2013 09:00:00 -0500\r\n",
            "Message-ID: <01JABC.x7@example.com>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "X-Dunningd-Contact: 01JABC\r\n",
            "Reply-To: maria.lopez@example.com\r\n",
            "In-Reply-To: <a@example.com>\r\n",
            "MIME-Version: 1.0\r\n",
        ] {
            assert_eq!(text.matches(line).count(), 1, "{line}\n{text}");
        }
        assert_eq!(text.matches("Date:").count(), 1);
        let parsed = MessageParser::default().parse(&message.bytes).unwrap();
        assert_eq!(parsed.subject(), Some("Fällig: Rechnung 7"));
        assert_eq!(parsed.to().unwrap().first().unwrap().name(), Some("Müller & Söhne"));
        assert_eq!(parsed.references().as_text_list().unwrap().len(), 10);
        assert!(text.contains("multipart/alternative") && text.find("text/plain") < text.find("text/html"));
        assert_eq!(shown(&message), ("Grüße\n".into(), Some("<p>Grüße</p>\n".into())));
    }

    #[test]
    fn the_envelope_is_to_then_cc_without_doubles() {
        let message = build(&rendered("x\n", None), &headers()).unwrap();
        assert_eq!(message.recipients, [address("ap@firma.example"), address("cc@firma.example")]);
        assert_eq!(message.sender, address("accounts@example.com"));
        let bounce = Headers { sender: Some(address("bounce+1@example.com")), ..headers() };
        assert_eq!(build(&rendered("x\n", None), &bounce).unwrap().sender, address("bounce+1@example.com"));
    }

    #[test]
    fn a_message_without_html_is_plain() {
        let message = build(&rendered("nur Text\n", None), &headers()).unwrap();
        assert!(!raw(&message).contains("multipart"));
        assert_eq!(shown(&message).0, "nur Text\n");
    }

    #[test]
    fn the_same_contact_makes_the_same_bytes() {
        let once = build(&rendered("a\n", Some("<p>a</p>")), &headers()).unwrap();
        assert_eq!(once.sha256(), build(&rendered("a\n", Some("<p>a</p>")), &headers()).unwrap().sha256());
    }

    #[test]
    fn a_name_cannot_add_a_header() {
        let evil = "Eve\r\nBcc: v@y.test\0\u{200B}\"";
        let mut headers = Headers { contact: "1\r\nBcc: v@y.test".into(), ..headers() };
        headers.to[0].name = Some(evil.to_owned());
        headers.from.name = Some("\r\n\0".to_owned());
        headers.cc[0].name = Some("W".repeat(5000));
        let message =
            build(&Rendered { subject: format!("{evil} {}", "W".repeat(5000)), ..rendered("x\n", None) }, &headers).unwrap();
        let parsed = MessageParser::default().parse(&message.bytes).unwrap();
        assert!(parsed.bcc().is_none());
        assert!(!raw(&message).to_lowercase().contains("\r\nbcc"));
        assert_eq!(parsed.to().unwrap().first().unwrap().name(), Some("Eve Bcc: v@y.test \""));
        assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some("ap@firma.example"));
    }

    #[test]
    fn a_body_of_dots_bare_line_ends_nul_and_a_long_word_reads_as_it_was_rendered() {
        let long = "W".repeat(5000);
        let text = format!(".\r..\n.a\r\n\0b\u{7}\n{long}\ntrailing \nFrom here\n=_x\n--\n");
        let message = build(&rendered(&text, Some(&format!("<p>{text}</p>"))), &headers()).unwrap();
        let expected = format!(".\n..\n.a\nb\n{long}\ntrailing \nFrom here\n=_x\n--\n");
        assert_eq!(shown(&message), (expected.clone(), Some(format!("<p>{expected}</p>"))));
        assert!(message.bytes.split(|b| *b == b'\n').all(|line| line.len() <= 78));
    }

    #[test]
    fn an_international_address_is_kept() {
        let to = vec![Mailbox::new("Jürgen", address("jürgen@firma.example")), Mailbox::from(address("info@münchen.example"))];
        let message = build(&rendered("x\n", None), &Headers { to, cc: vec![], ..headers() }).unwrap();
        assert!(message.needs_smtputf8());
        let text = raw(&message);
        assert!(text.contains("<jürgen@firma.example>") && text.contains("info@xn--mnchen-3ya.example"), "{text}");
    }

    #[test]
    fn a_wrong_id_or_no_recipient_is_an_error() {
        for id in ["", "a@b", "<a b@c>", "<a@b>\r\nBcc: <x@y>", "<ab>"] {
            let error = build(&rendered("x", None), &Headers { message_id: id.into(), ..headers() }).unwrap_err();
            assert!(matches!(error, BuildError::MessageId(_)), "{id}");
        }
        let none = Headers { to: vec![], cc: vec![], ..headers() };
        assert_eq!(build(&rendered("x", None), &none), Err(BuildError::NoRecipient));
        assert_eq!(message_id("01J\r\nX: y", "a b", "ex ample.com"), "<01JXy.ab@example.com>");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_texts_hold_the_wire_is_clean(name: String, subject: String, text: String, html: String) {
            let to = vec![Mailbox { name: Some(name), address: address("a@x.test") }];
            let rendered = Rendered { language: "en".into(), subject, text: text.clone(), html: Some(html) };
            let message = build(&rendered, &Headers { to, ..headers() }).unwrap();
            proptest::prop_assert_eq!(shown(&message).0, clean::body(&text));
        }
    }
}
