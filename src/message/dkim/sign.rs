//! The header `DKIM-Signature` over a message that is ready otherwise.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::canonical::{self, Field};
use super::key::Key;
use super::{CREDENTIAL, Settings};
use crate::message::outgoing::Message;

/// What is signed where it is there, in the order of `h=`. `From` is named once more than there is one, so that nobody
/// can put a second one above it (RFC 6376 8.15).
const SIGNED: [&str; 16] = [
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "X-Dunningd-Contact",
    "From",
];
/// Where a long value is folded, in characters.
const FOLD: usize = 72;

/// Signs messages for one domain.
#[derive(Debug)]
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

impl Signer {
    /// `credentials`: systemd's `$CREDENTIALS_DIRECTORY`; `from`: the domain of the sender.
    ///
    /// # Errors
    /// The first problem, as a key of `[dkim]` and a sentence.
    pub fn new(settings: &Settings, credentials: Option<&Path>, from: &str) -> Result<Self, (&'static str, String)> {
        if let Some(problem) = settings.problems(from).into_iter().next() {
            return Err(problem);
        }
        let wrong = |sentence: String| ("key_file", sentence);
        let pem = crate::credential::find(credentials, CREDENTIAL, settings.key_file.as_deref(), "the key file")
            .map_err(wrong)?
            .ok_or_else(|| wrong(format!("it is not set, and there is no systemd credential of the name {CREDENTIAL}")))?;
        let key = Key::read(&pem).map_err(|sentence| wrong(format!("the private key: {sentence}")))?;
        Ok(Self { domain: settings.domain.to_ascii_lowercase(), selector: settings.selector.clone(), key })
    }

    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    pub(super) fn selector(&self) -> &str {
        &self.selector
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// The message with its signature above everything else. Nothing may be changed in it afterwards.
    ///
    /// # Errors
    /// A sentence; the message is not to be sent without a signature then.
    pub fn sign(&self, mut message: Message) -> Result<Message, String> {
        let mut signed = self.header(&message.bytes)?;
        signed.append(&mut message.bytes);
        message.bytes = signed;
        Ok(message)
    }

    fn header(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let (fields, body) = canonical::split(message).ok_or("the message has no header that could be signed")?;
        let find = |name: &str| fields.iter().find(|f| f.name.eq_ignore_ascii_case(name));
        let named: Vec<&str> = SIGNED.into_iter().filter(|name| find(name).is_some()).collect();
        let (algorithm, domain, selector) = (self.key.algorithm(), &self.domain, &self.selector);
        let hash = STANDARD.encode(canonical::body_hash(body));
        // `b` is the last tag: what is signed is the header without its value.
        let value = format!(
            " v=1; a={algorithm}; c=relaxed/relaxed; d={domain};\r\n s={selector};\r\n h={};\r\n bh={hash};\r\n b=",
            folded_names(&named)
        );
        let mut text = Vec::new();
        // The last name is the second `From`, of which there is none: it adds nothing.
        for field in named.iter().take(named.len().saturating_sub(1)).filter_map(|name| find(name)) {
            text.extend_from_slice(&field.canonical());
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(&Field::new("DKIM-Signature", value.as_bytes()).canonical());
        let signature = STANDARD.encode(self.key.sign(&text)?);
        let lines: Vec<&str> = signature.as_bytes().chunks(FOLD).filter_map(|line| str::from_utf8(line).ok()).collect();
        Ok(format!("DKIM-Signature:{value}{}\r\n", lines.join("\r\n ")).into_bytes())
    }
}

/// `From:To:…`, folded after a colon.
fn folded_names(names: &[&str]) -> String {
    let (mut out, mut width) = (String::new(), 0);
    for (n, name) in names.iter().enumerate() {
        if n > 0 {
            out.push(':');
        }
        if width + name.len() > FOLD - 10 {
            out.push_str("\r\n ");
            width = 0;
        }
        out.push_str(name);
        width += name.len() + 1;
    }
    out
}
