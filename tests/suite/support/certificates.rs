//! Certificates for the scripted relay.

use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A self-signed certificate and the server that shows it.
pub struct Certificate {
    pem: String,
    key: String,
    pub server: Arc<ServerConfig>,
}

impl Certificate {
    /// For this name, valid now.
    pub fn of(name: &str) -> Self {
        Self::with(CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    /// For this name, no longer valid.
    pub fn expired(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        Self::with(params)
    }

    fn with(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], der)
            .unwrap();
        Self { pem: certificate.pem(), key: key.serialize_pem(), server: Arc::new(server) }
    }

    /// Writes it where `ca_file` can name it.
    pub fn write_to(&self, path: &Path) {
        std::fs::write(path, &self.pem).unwrap();
    }

    /// Writes its private key.
    pub fn write_key_to(&self, path: &Path) {
        std::fs::write(path, &self.key).unwrap();
    }
}
