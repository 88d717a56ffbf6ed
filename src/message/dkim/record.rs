//! The DNS record that belongs to the key, and whether a published one does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::Key;
use super::sign::Signer;

/// `rsaEncryption` with no parameters, in DER.
const RSA: [u8; 15] = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

impl Signer {
    /// The name of the record, and its text.
    #[must_use]
    pub fn record(&self) -> (String, String) {
        let kind = match self.key() {
            Key::Rsa(_) => "rsa",
            Key::Ed25519(_) => "ed25519",
        };
        let text = format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(self.public_key()));
        (format!("{}._domainkey.{}", self.selector(), self.domain()), text)
    }

    /// Whether a published record has the public half of our key.
    ///
    /// # Errors
    /// The end of a sentence that begins with the record: what is wrong with it.
    pub fn agrees_with(&self, record: &str) -> Result<(), String> {
        let tag = |name: &str| {
            let mut tags = record.split(';').filter_map(|t| t.split_once('='));
            tags.find(|(n, _)| n.trim() == name).map(|(_, v)| v.split_whitespace().collect::<String>())
        };
        let published = tag("p").unwrap_or_default();
        if published.is_empty() {
            return Err("revokes the key: its p= is empty".to_owned());
        }
        let bytes = STANDARD.decode(&published).map_err(|_| "cannot be read: its p= is no base64".to_owned())?;
        let ours = self.public_key();
        // An RSA key stands there with or without the name of the algorithm before it (RFC 6376 3.6.1).
        if bytes != ours && !(bytes.len() > 32 && ours.ends_with(&bytes)) {
            return Err("has another key than the one that signs: every signature is broken".to_owned());
        }
        if tag("t").is_some_and(|flags| flags.split(':').any(|f| f == "y")) {
            return Err("says t=y, for a test: receivers take the mail as if it were not signed".to_owned());
        }
        Ok(())
    }

    /// What stands behind `p=`.
    fn public_key(&self) -> Vec<u8> {
        use ring::signature::KeyPair as _;
        match self.key() {
            Key::Ed25519(key) => key.public_key().as_ref().to_vec(),
            Key::Rsa(key) => {
                let bits = [&[0][..], key.public().as_ref()].concat();
                der(0x30, &[&RSA[..], &der(0x03, &bits)].concat())
            }
        }
    }
}

/// A value of DER: its tag, its length, its content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let short = &length[length.iter().position(|b| *b != 0).unwrap_or(length.len() - 1)..];
    let mut out = vec![tag];
    if content.len() >= 0x80 {
        // Never more than eight.
        out.push(0x80 | u8::try_from(short.len()).unwrap_or(8));
    }
    out.extend_from_slice(short);
    out.extend_from_slice(content);
    out
}
