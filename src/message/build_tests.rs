//! Messages as a reader's program sees them.

use mail_parser::{MessageParser, MimeHeaders};

use super::build::*;
use crate::address::EmailAddress;
use crate::message::attach::Attachment;
use crate::message::{Mailbox, Message, Rendered, clean};
use chrono::DateTime;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn headers() -> Headers {
    Headers {
        message_id: message_id("01JABC", "x7", "example.com"),
        date: DateTime::parse_from_rfc3339("2013-03-04T09:00:00-05:00").unwrap(),
        contact: "01JABC".to_owned(),
        from: "Example Accounts <accounts@example.com>".parse().unwrap(),
        sender: address("accounts@example.com"),
        reply_to: Some(address("maria.lopez@example.com")),
        to: vec![Mailbox::new("Müller & Söhne", address("ap@firma.example"))],
        cc: vec![Mailbox::from(address("cc@firma.example")), Mailbox::from(address("ap@firma.example"))],
        list_unsubscribe: None,
        in_reply_to: Some("<a@example.com>".to_owned()),
        attachments: vec![],
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
    let bounce = Headers { sender: address("bounce+1@example.com"), ..headers() };
    assert_eq!(build(&rendered("x\n", None), &bounce).unwrap().sender, address("bounce+1@example.com"));
}

#[test]
fn a_message_without_html_is_plain() {
    let message = build(&rendered("nur Text\n", None), &headers()).unwrap();
    assert!(!raw(&message).contains("multipart"));
    assert_eq!(shown(&message).0, "nur Text\n");
}

#[test]
fn documents_stand_behind_the_text_with_their_names_and_as_they_are() {
    let file = |name: &str, bytes: &[u8]| Attachment { name: name.to_owned(), bytes: bytes.to_vec() };
    let all: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    let attachments = vec![file("RE-7 Größe\r\nX: y.pdf", &all), file("b.pdf", b"")];
    for html in [None, Some("<p>a</p>\n")] {
        let headers = Headers { attachments: attachments.clone(), ..headers() };
        let message = build(&rendered("a\n", html), &headers).unwrap();
        assert_eq!(shown(&message), ("a\n".to_owned(), html.map(str::to_owned)));
        let parsed = MessageParser::default().parse(&message.bytes).unwrap();
        let found: Vec<_> = parsed.attachments().map(|a| (a.attachment_name().unwrap(), a.contents())).collect();
        assert_eq!(found, [("RE-7 Größe X: y.pdf", &all[..]), ("b.pdf", b"")]);
        assert!(raw(&message).contains("Content-Type: multipart/mixed;") && !raw(&message).contains("\nX: y"));
        assert_eq!(message.sha256(), build(&rendered("a\n", html), &headers).unwrap().sha256());
    }
}

#[test]
fn an_https_address_for_no_more_mail_takes_one_click() {
    let of = |address: &str| {
        let headers = Headers { list_unsubscribe: Some(address.to_owned()), ..headers() };
        raw(&build(&rendered("x\n", None), &headers).unwrap())
    };
    let https = of(&format!("https://us.example/{}", "s".repeat(400)));
    assert!(https.contains("\r\nList-Unsubscribe: <https://us.example/sss"), "{https}");
    assert!(https.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{https}");
    let mail = of("mailto:ar@us.example");
    assert!(mail.contains("\r\nList-Unsubscribe: <mailto:ar@us.example>\r\n") && !mail.contains("-Post:"), "{mail}");
}

#[test]
fn long_ids_stay_readable() {
    let long = |n: usize| format!("<{n:0>30}@{}.example.com>", "d".repeat(60));
    let (message_id, in_reply_to, references) = (long(1), Some(long(2)), (3..9).map(long).collect());
    let text = raw(&build(&rendered("x\n", None), &Headers { message_id, in_reply_to, references, ..headers() }).unwrap());
    for n in 1..9 {
        assert!(text.contains(&long(n)), "{n}: {text}");
    }
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
