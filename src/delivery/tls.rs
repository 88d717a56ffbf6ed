//! TLS to the relay: verified, or no connection at all (D13).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::outcome::{Cause, Outcome};
use super::phase::Phase;
use super::wire::lost;

/// Trusts the certificates of `ca_file`, or those of the system.
///
/// # Errors
/// A sentence: there is nothing to trust.
pub(super) fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => add_file(&mut roots, path)?,
        None => add_system(&mut roots)?,
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("TLS cannot be set up: {e}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let bad = |e: &dyn std::fmt::Display| format!("ca_file {} cannot be used: {e}", path.display());
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| bad(&e))?;
    for certificate in certificates {
        roots.add(certificate.map_err(|e| bad(&e))?).map_err(|e| bad(&e))?;
    }
    if roots.is_empty() {
        return Err(bad(&"it holds no certificate in PEM form"));
    }
    Ok(())
}

fn add_system(roots: &mut RootCertStore) -> Result<(), String> {
    let found = rustls_native_certs::load_native_certs();
    let (good, _) = roots.add_parsable_certificates(found.certs);
    if good > 0 {
        return Ok(());
    }
    let why = found.errors.first().map(|e| format!(" ({e})")).unwrap_or_default();
    Err(format!("this system has no trusted certificates{why}: install ca-certificates or set ca_file"))
}

/// The handshake. A certificate that does not do means that the relay is refused; only a lost connection is tried again.
pub(super) async fn handshake(
    tcp: TcpStream,
    config: Arc<ClientConfig>,
    host: &str,
    limit: Duration,
) -> Result<TlsStream<TcpStream>, Outcome> {
    let phase = Phase::StartTls;
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare).map_err(|_| Outcome::RelayRefuses {
        phase,
        cause: Cause::Found(format!("{host:?} is no name that a certificate can be checked for")),
    })?;
    match timeout(limit, TlsConnector::from(config).connect(name, tcp)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(match error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>()) {
            Some(tls) => Outcome::RelayRefuses { phase, cause: Cause::Found(explain(tls, host)) },
            None => Outcome::broken(phase, lost(&error)),
        }),
        Err(_) => Err(Outcome::broken(phase, Cause::TimedOut(limit))),
    }
}

fn explain(error: &rustls::Error, host: &str) -> String {
    use CertificateError as C;
    let rustls::Error::InvalidCertificate(problem) = error else {
        return format!("no secure connection to {host}: {error}");
    };
    let what = match problem {
        C::UnknownIssuer => {
            "it was signed by nobody this system trusts; if it is your own relay, name its certificate in ca_file".to_owned()
        }
        C::Expired | C::ExpiredContext { .. } => "it has expired".to_owned(),
        C::NotValidYet | C::NotValidYetContext { .. } => "it is not valid yet; is this machine's clock right?".to_owned(),
        C::NotValidForName | C::NotValidForNameContext { .. } => {
            "it is for another name; host must be a name that stands in it".to_owned()
        }
        // webpki's CaUsedAsEndEntity has no variant of its own here.
        C::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "it is a CA's own certificate; make one for the host with basicConstraints=CA:FALSE".to_owned()
        }
        other => other.to_string(),
    };
    format!("the certificate of {host} is not good: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_without_certificates_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        assert!(client_config(Some(&path)).unwrap_err().contains("ca.pem"));
        std::fs::write(&path, "nothing\n").unwrap();
        assert!(client_config(Some(&path)).unwrap_err().contains("no certificate"));
    }
}
