//! What we write ourselves is, byte for byte, what the mail library would have written.

use lettre::message::header::{ContentTransferEncoding, ContentType, MIME_VERSION_1_0};
use lettre::message::{Body, MultiPart, SinglePart};

use super::build::*;
use crate::address::EmailAddress;
use crate::message::attach::Attachment;
use crate::message::{Mailbox, Rendered, clean, unsubscribe};

fn body(text: &str) -> Body {
    Body::new_with_encoding(clean::body(text).into_owned(), ContentTransferEncoding::QuotedPrintable).unwrap()
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder().header(kind).body(body(text))
}

fn alternatives(id: &str, text: &str, html: &str) -> MultiPart {
    let both = MultiPart::alternative().boundary(boundary(id));
    both.singlepart(part(ContentType::TEXT_PLAIN, text)).singlepart(part(ContentType::TEXT_HTML, html))
}

fn of_the_library(rendered: &Rendered, headers: &Headers) -> String {
    let mut builder = lettre::Message::builder()
        .date(std::time::SystemTime::UNIX_EPOCH)
        .from(mailbox(&headers.from))
        .message_id(Some(headers.message_id.clone()))
        .subject(clean::line(&rendered.subject, clean::SUBJECT_LIMIT));
    builder = headers.to.iter().fold(builder, |b, to| b.to(mailbox(to)));
    builder = headers.cc.iter().fold(builder, |b, cc| b.cc(mailbox(cc)));
    if let Some(reply_to) = &headers.reply_to {
        builder = builder.reply_to(mailbox(&reply_to.clone().into()));
    }
    if let Some(id) = &headers.in_reply_to {
        builder = builder.in_reply_to(id.clone());
    }
    let from = headers.references.len().saturating_sub(10);
    if !headers.references.is_empty() {
        builder = builder.references(headers.references[from..].join(" "));
    }
    let (text, id) = (&rendered.text, &headers.message_id);
    let documents = |mixed: MultiPart| {
        headers.attachments.iter().fold(mixed, |mixed, file| {
            let bytes = Body::new_with_encoding(file.bytes.clone(), ContentTransferEncoding::Base64).unwrap();
            let pdf = ContentType::parse("application/pdf").unwrap();
            mixed.singlepart(lettre::message::Attachment::new(clean::name(&file.name)).body(bytes, pdf))
        })
    };
    let mixed = || MultiPart::mixed().boundary(boundary(&format!("{id} with documents")));
    let message = match (&rendered.html, headers.attachments.as_slice()) {
        (None, []) => builder.header(MIME_VERSION_1_0).header(ContentType::TEXT_PLAIN).body(body(text)),
        (Some(html), []) => builder.multipart(alternatives(id, text, html)),
        (None, _) => builder.multipart(documents(mixed().singlepart(part(ContentType::TEXT_PLAIN, text)))),
        (Some(html), _) => builder.multipart(documents(mixed().multipart(alternatives(id, text, html)))),
    };
    let mut message = message.unwrap();
    let extra = message.headers_mut();
    extra.insert_raw(header("Date", headers.date.to_rfc2822()));
    extra.insert_raw(header("Auto-Submitted", "auto-generated".to_owned()));
    if let Some(address) = &headers.list_unsubscribe {
        extra.insert_raw(unfolded("List-Unsubscribe", address));
        if unsubscribe::is_one_click(address) {
            extra.insert_raw(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
    }
    extra.insert_raw(header("X-Dunningd-Contact", clean::name(&headers.contact)));
    String::from_utf8(message.formatted()).unwrap()
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

proptest::proptest! {
    #[test]
    fn a_whole_message_is_written_as_the_library_does(
        names in proptest::collection::vec("[a-zäß €,\"<@.()-]{0,90}", 1..5),
        (to, cc) in (1_usize..4, 0_usize..3),
        subject in "[a-zA-Z0-9äß€=?_ -]{0,200}",
        (text, html) in ("[a-z =.é€\n]{0,200}", proptest::option::of("[a-z<>=.é\n]{0,200}")),
        (reply_to, earlier, documents) in (proptest::bool::ANY, 0_usize..14, 0_usize..3),
        (unsubscribe, id) in (proptest::option::of("(mailto:a@b\\.example|https://u\\.example/[a-z]{0,150})"), "[a-z0-9]{1,90}"),
    ) {
        let named = |n: usize| Mailbox::new(&names[n % names.len()], address(&format!("ap{n}@kunde-{n}.example")));
        let ids: Vec<String> = (0..earlier).map(|n| message_id(&n.to_string(), &id, "example.com")).collect();
        let headers = Headers {
            message_id: message_id("01JABC", &id, "example.com"),
            date: chrono::DateTime::parse_from_rfc3339("2013-03-04T09:00:00-05:00").unwrap(),
            contact: id.clone(),
            from: named(7),
            sender: address("accounts@example.com"),
            reply_to: reply_to.then(|| address("maria.lopez@example.com")),
            to: (0..to).map(named).collect(),
            cc: (0..cc).map(named).collect(),
            list_unsubscribe: unsubscribe,
            in_reply_to: ids.first().cloned(),
            references: ids,
            attachments: (0..documents).map(|n| Attachment { name: format!("{id} ß {n}.pdf"), bytes: vec![n as u8; n * 99] }).collect(),
        };
        let rendered = Rendered { language: "en".into(), subject, text, html };
        let ours = String::from_utf8(build(&rendered, &headers).unwrap().bytes).unwrap();
        proptest::prop_assert_eq!(ours, of_the_library(&rendered, &headers));
    }
}
