//! The private key, as `openssl` writes it.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};

/// A key that signs.
pub(super) enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    /// Reads PEM: PKCS#8 (`BEGIN PRIVATE KEY`), or PKCS#1 for RSA (`BEGIN RSA PRIVATE KEY`).
    ///
    /// # Errors
    /// A sentence that says what is wrong and shows nothing of the key.
    pub(super) fn read(pem: &str) -> Result<Self, String> {
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| {
            let what = if pem.contains("ENCRYPTED") { "is protected by a passphrase" } else { "holds no private key in PEM" };
            format!("it {what}; write one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048")
        })?;
        let rsa = |key: Result<RsaKeyPair, ring::error::KeyRejected>| {
            key.map(|k| Self::Rsa(Box::new(k)))
                .map_err(|e| format!("its RSA key cannot be used: it has 2048 to 4096 bits and is whole ({e})"))
        };
        match &der {
            PrivateKeyDer::Pkcs1(der) => rsa(RsaKeyPair::from_der(der.secret_pkcs1_der())),
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                // An Ed25519 key without its public half is what openssl writes.
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Self::Ed25519).or_else(|_| rsa(RsaKeyPair::from_pkcs8(der)))
            }
            _ => Err("its key is neither RSA nor Ed25519".to_owned()),
        }
    }

    /// `a=` of the signature.
    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// Signs what the header's canonical form came to. Both kinds make the same signature each time.
    pub(super) fn sign(&self, text: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature)
                    .map_err(|_| "the DKIM key does not sign".to_owned())?;
                Ok(signature)
            }
            // RFC 8463 3: of the hash.
            Self::Ed25519(key) => Ok(key.sign(&Sha256::digest(text)).as_ref().to_vec()),
        }
    }
}

/// Nothing of it is shown.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} key)", self.algorithm())
    }
}
