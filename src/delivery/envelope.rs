//! One message as the wire needs it: its commands, and its bytes with the dots stuffed. What the relay cannot take is
//! found here, before MAIL FROM.

use std::borrow::Cow;

use super::offers::Offers;
use super::outcome::{Cause, Outcome, RefusedRecipient};
use super::phase::Phase;
use super::reply::Reply;
use crate::address::EmailAddress;
use crate::message::Message;

/// RFC 5321 §4.5.3.1.6, without the line end.
const MAX_LINE: usize = 998;
/// RFC 3461 §4.4.
const MAX_ENVID: usize = 100;

/// The commands of one message.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    pub(super) mail: String,
    pub(super) recipients: Vec<&'a EmailAddress>,
    /// Which reports are asked for at RCPT; with a space before it, or empty.
    notify: &'static str,
    /// Those that need SMTPUTF8, which the relay does not offer.
    pub(super) refused: Vec<RefusedRecipient>,
    /// Dot-stuffed, with a line end at its end; the final dot is not in it.
    pub(super) body: Cow<'a, [u8]>,
}

impl<'a> Envelope<'a> {
    /// `most`: the octets that the configuration allows (`max_message_size`).
    ///
    /// # Errors
    /// The outcome, when this relay cannot be given the message at all.
    pub(super) fn of(message: &'a Message, offers: &Offers, most: Option<u64>) -> Result<Self, Outcome> {
        let fail = |sentence: String| Err(Outcome::MessageRefused { phase: Phase::Mail, cause: Cause::Found(sentence) });
        let octets = message.bytes.len() as u64;
        match most {
            Some(limit) if octets > limit => {
                return fail(format!("the message has {octets} octets and max_message_size of [relay] is {limit}"));
            }
            _ => {}
        }
        match offers.size {
            Some(limit) if limit > 0 && octets > limit => {
                return fail(format!("the message has {octets} octets and the relay takes {limit}"));
            }
            _ => {}
        }
        if let Some(long) = too_long(&message.bytes) {
            return fail(format!("a line of the message has {long} octets; {MAX_LINE} are allowed"));
        }
        let eight_bit = !message.bytes.is_ascii();
        if eight_bit && !offers.eightbitmime {
            return fail("the message holds 8-bit text and the relay does not offer 8BITMIME".to_owned());
        }
        if message.sender.needs_smtputf8() && !offers.smtputf8 {
            return fail(format!("the sender {} needs SMTPUTF8, which the relay does not offer", message.sender));
        }
        let (unable, recipients): (Vec<_>, Vec<_>) =
            message.recipients.iter().partition(|r| r.needs_smtputf8() && !offers.smtputf8);
        let refused: Vec<_> = unable.into_iter().map(without_smtputf8).collect();
        if recipients.is_empty() {
            return Err(match refused.is_empty() {
                true => Outcome::MessageRefused { phase: Phase::Rcpt, cause: Cause::Found("it has no recipient".to_owned()) },
                false => Outcome::RecipientRefused { refused },
            });
        }
        let utf8 = message.sender.needs_smtputf8() || recipients.iter().any(|r| r.needs_smtputf8());
        let parameters = Parameters {
            size: offers.size.map(|_| octets),
            eight_bit,
            utf8,
            report_to: offers.dsn.then_some(message.contact.as_str()),
        };
        let mail = mail_command(&message.sender, &parameters);
        let notify = if offers.dsn { " NOTIFY=FAILURE,DELAY" } else { "" };
        Ok(Self { mail, recipients, notify, refused, body: stuffed(&message.bytes) })
    }

    /// RCPT TO for one of the recipients.
    pub(super) fn rcpt(&self, recipient: &EmailAddress) -> String {
        format!("RCPT TO:<{recipient}>{}\r\n", self.notify)
    }
}

/// What MAIL FROM says beside the sender.
#[derive(Default)]
struct Parameters<'a> {
    size: Option<u64>,
    eight_bit: bool,
    utf8: bool,
    /// The contact under which a report is to come, with the headers only (RFC 3461).
    report_to: Option<&'a str>,
}

fn mail_command(sender: &EmailAddress, parameters: &Parameters<'_>) -> String {
    let Parameters { size, eight_bit, utf8, report_to } = parameters;
    let size = size.map(|octets| format!(" SIZE={octets}")).unwrap_or_default();
    let body = if *eight_bit { " BODY=8BITMIME" } else { "" };
    let utf8 = if *utf8 { " SMTPUTF8" } else { "" };
    let report = report_to.map(|contact| format!(" RET=HDRS{}", envid(contact))).unwrap_or_default();
    format!("MAIL FROM:<{sender}>{size}{body}{utf8}{report}\r\n")
}

/// ` ENVID=…` in the xtext of RFC 3461 §4; nothing where the contact has no id, or one that no report could name.
fn envid(contact: &str) -> String {
    let printable = contact.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    if contact.is_empty() || contact.len() > MAX_ENVID || !printable {
        return String::new();
    }
    let xtext = contact.chars().map(|c| match c {
        '+' | '=' | ' ' => format!("+{:02X}", u32::from(c)),
        c => c.to_string(),
    });
    format!(" ENVID={}", xtext.collect::<String>())
}

fn without_smtputf8(address: &EmailAddress) -> RefusedRecipient {
    let text = "5.6.7 the address has letters outside of ASCII before the @, and the relay does not offer SMTPUTF8";
    RefusedRecipient { address: address.clone(), reply: Reply::new(553, text.to_owned()), suppress: false }
}

/// The length of a line that is too long for SMTP.
fn too_long(bytes: &[u8]) -> Option<usize> {
    let mut start = 0;
    for end in memchr::memchr2_iter(b'\n', b'\r', bytes).chain([bytes.len()]) {
        if end - start > MAX_LINE {
            return Some(end - start);
        }
        start = end + 1;
    }
    None
}

/// Dots stuffed; the last line ended. A bare CR or LF becomes a line end and a NUL is dropped, should one have come so
/// far: what looks like a final dot to some relay must never be inside of a message.
fn stuffed(bytes: &[u8]) -> Cow<'_, [u8]> {
    let clean = clean(bytes);
    let dotted = clean.first() == Some(&b'.') || memchr::memmem::find(&clean, b"\n.").is_some();
    if !dotted && clean.ends_with(b"\r\n") {
        return clean;
    }
    let mut wire = Vec::with_capacity(clean.len() + clean.len() / 50 + 2);
    for line in clean.split_inclusive(|b| *b == b'\n') {
        if line.first() == Some(&b'.') {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
    }
    if !wire.ends_with(b"\r\n") {
        wire.extend_from_slice(b"\r\n");
    }
    Cow::Owned(wire)
}

fn clean(bytes: &[u8]) -> Cow<'_, [u8]> {
    let before = |i: usize| i.checked_sub(1).and_then(|i| bytes.get(i));
    let dirty = memchr::memchr3_iter(0, b'\r', b'\n', bytes).any(|i| match bytes[i] {
        b'\r' => bytes.get(i + 1) != Some(&b'\n'),
        b'\n' => before(i) != Some(&b'\r'),
        _ => true,
    });
    if !dirty {
        return Cow::Borrowed(bytes);
    }
    let mut clean = Vec::with_capacity(bytes.len() + 16);
    for (i, b) in bytes.iter().enumerate() {
        match b {
            0 => {}
            b'\n' if before(i) == Some(&b'\r') => {}
            b'\r' | b'\n' => clean.extend_from_slice(b"\r\n"),
            b => clean.push(*b),
        }
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_at_the_start_of_a_line_are_doubled_and_the_last_line_is_ended() {
        assert_eq!(&*stuffed(b".a\r\nb.\r\n.\r\n..c"), b"..a\r\nb.\r\n..\r\n...c\r\n");
        assert_eq!(&*stuffed(b""), b"\r\n");
        assert_eq!(&*stuffed(b"a\r\n"), b"a\r\n");
    }

    #[test]
    fn no_bare_line_end_and_no_nul_reaches_the_wire() {
        assert_eq!(&*stuffed(b"a\n.\nb\r.\rc\0\r\n\n"), b"a\r\n..\r\nb\r\n..\r\nc\r\n\r\n");
        assert_eq!(&*stuffed(b"a\r\r\nb"), b"a\r\n\r\nb\r\n");
        assert_eq!(&*stuffed(b"a\n\0.\nb"), b"a\r\n..\r\nb\r\n");
    }

    #[test]
    fn the_commands_name_only_what_is_offered_and_needed() {
        let sender = EmailAddress::parse("ar@example.com").unwrap();
        let said = |parameters: Parameters<'_>| mail_command(&sender, &parameters);
        assert_eq!(said(Parameters::default()), "MAIL FROM:<ar@example.com>\r\n");
        let all = Parameters { size: Some(9), eight_bit: true, utf8: true, report_to: Some("01J") };
        assert_eq!(said(all), "MAIL FROM:<ar@example.com> SIZE=9 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=01J\r\n");
    }

    #[test]
    fn the_envelopes_id_is_xtext_and_none_where_it_cannot_be() {
        assert_eq!(envid("a+b=c d"), " ENVID=a+2Bb+3Dc+20d");
        for none in ["", "a\r\nRCPT TO:<v@y.test>", "jürgen", &"x".repeat(101)] {
            assert_eq!(envid(none), "", "{none:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_message_no_line_on_the_wire_is_a_single_dot(
            bytes in proptest::collection::vec(proptest::sample::select(&b"\r\n.\0a"[..]), 0..40)
        ) {
            let wire = stuffed(&bytes);
            let text = String::from_utf8(wire.into_owned()).unwrap();
            proptest::prop_assert!(text.ends_with("\r\n"));
            for line in text.strip_suffix("\r\n").unwrap().split("\r\n") {
                proptest::prop_assert!(line != "." && !line.contains(['\r', '\n', '\0']), "{text:?}");
            }
        }
    }
}
