//! The DKIM signature of a message (D11; RFC 6376, RFC 8463): `[dkim]`, its key, and the header that it adds.
//!
//! The cryptography is ring's, as that of TLS; the canonical form is short enough to be here, and is verified in the
//! tests by another implementation.

mod canonical;
mod key;
mod record;
mod sign;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use sign::Signer;

/// The name of the systemd credential with the key.
const CREDENTIAL: &str = "dkim-key";

/// `[dkim]`: e-mails are signed for a domain. Without this table they are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The domain that answers for the mail: the domain of `from` or one above it.
    pub domain: String,
    /// Under which name below `_domainkey` of that domain the public key is published.
    pub selector: String,
    /// A PEM file with the private key, RSA (2048 bits or more) or Ed25519; only its owner may read it. A systemd
    /// credential of the name `dkim-key` comes first. It is read once, at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
}

impl Settings {
    /// A relative path is relative to the folder of the configuration.
    pub fn resolve_paths(&mut self, folder: &Path) {
        if let Some(path) = &mut self.key_file {
            *path = folder.join(&*path);
        }
    }

    /// What is wrong with `domain` and `selector`, each as a key and a sentence. `from`: the domain of the sender.
    #[must_use]
    pub fn problems(&self, from: &str) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        if !is_name(&self.domain) || !self.domain.contains('.') {
            found.push(("domain", format!("{:?} is no domain: write it like \"example.com\"", self.domain)));
        } else if !is_aligned(&self.domain, from) {
            let sentence = format!(
                "{} is neither {from}, the domain of [company] from, nor one above it: no receiver would count such a signature",
                self.domain
            );
            found.push(("domain", sentence));
        }
        if !is_name(&self.selector) {
            found.push(("selector", format!("{:?} is no selector: letters, digits, hyphens, dots", self.selector)));
        }
        found
    }
}

/// Labels of letters, digits, hyphens and, as some selectors have them, underscores.
fn is_name(text: &str) -> bool {
    let good = |label: &str| {
        let plain = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        !label.is_empty() && label.len() <= 63 && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(good)
}

/// Whether a signature of `domain` counts for mail from `from` (DMARC's relaxed alignment, RFC 7489 3.1.1).
fn is_aligned(domain: &str, from: &str) -> bool {
    let (domain, from) = (domain.to_ascii_lowercase(), from.to_ascii_lowercase());
    from == domain || from.strip_suffix(&domain).is_some_and(|below| below.ends_with('.'))
}

#[cfg(test)]
mod tests;
