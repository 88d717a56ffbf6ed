//! A message that is ready for the wire.

use sha2::{Digest, Sha256};

use crate::address::EmailAddress;
use crate::hex::hex;

/// A rendered e-mail with its envelope. The envelope is set from the contact's logged recipients, never derived from
/// the headers (D5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// With angle brackets; the same for every try of one contact (D11).
    pub message_id: String,
    /// The contact's id: the relay names it in a report about the message (ENVID, RFC 3461).
    pub contact: String,
    /// The envelope sender (MAIL FROM).
    pub sender: EmailAddress,
    /// The envelope recipients (RCPT TO), without doubles; To first, then Cc.
    pub recipients: Vec<EmailAddress>,
    /// RFC 5322, CRLF line ends, no line above 998 octets, no NUL, no bare CR or LF; not yet dot-stuffed.
    pub bytes: Vec<u8>,
}

impl Message {
    /// SHA-256 of the bytes, in hexadecimal (D1).
    #[must_use]
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.bytes))
    }

    /// Whether the relay has to offer SMTPUTF8 for this envelope.
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        self.sender.needs_smtputf8() || self.recipients.iter().any(EmailAddress::needs_smtputf8)
    }
}
