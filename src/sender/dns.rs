//! Questions to the DNS, with short timers: a check must not hang.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

/// For each try of a question; there are two.
const PATIENCE: Duration = Duration::from_secs(3);

/// The DNS.
#[derive(Clone)]
pub struct Dns(TokioResolver);

impl std::fmt::Debug for Dns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dns")
    }
}

/// A question that had no answer at all.
#[derive(Debug, thiserror::Error)]
#[error("the DNS did not answer for {name}: {why}")]
pub struct Unanswered {
    name: String,
    why: String,
}

impl Dns {
    /// Asks one server, or those of this host.
    ///
    /// # Errors
    /// A sentence: this host names no servers.
    pub fn of(server: Option<SocketAddr>) -> Result<Self, String> {
        let runtime = TokioRuntimeProvider::default();
        let builder = match server {
            Some(server) => {
                let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
                (udp.port, tcp.port) = (server.port(), server.port());
                let server = NameServerConfig::new(server.ip(), true, vec![udp, tcp]);
                Ok(TokioResolver::builder_with_config(ResolverConfig::from_name_servers(vec![server]), runtime))
            }
            None => TokioResolver::builder(runtime),
        };
        let no_servers = |e: NetError| format!("this host's DNS servers cannot be found: {e}");
        let mut builder = builder.map_err(no_servers)?;
        let options = builder.options_mut();
        (options.timeout, options.attempts, options.edns0) = (PATIENCE, 1, true);
        builder.build().map(Self).map_err(no_servers)
    }

    /// The TXT records of a name, each as one text; empty: there is none.
    ///
    /// # Errors
    /// The question had no answer.
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, Unanswered> {
        let found = match self.0.txt_lookup(absolute(name)).await {
            Ok(found) => found,
            Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
            Err(error) => return Err(unanswered(name, &error)),
        };
        let text = |data: &RData| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        Ok(found.answers().iter().filter_map(|record| text(&record.data)).collect())
    }

    /// Whether a name has an address.
    ///
    /// # Errors
    /// The question had no answer.
    pub async fn has_address(&self, name: &str) -> Result<bool, Unanswered> {
        match self.0.lookup_ip(absolute(name)).await {
            Ok(found) => Ok(found.iter().next().is_some()),
            Err(error) if error.is_no_records_found() => Ok(false),
            Err(error) => Err(unanswered(name, &error)),
        }
    }
}

fn unanswered(name: &str, error: &NetError) -> Unanswered {
    Unanswered { name: name.to_owned(), why: error.to_string() }
}

/// With the dot at the end, so that no search list of the host is tried.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}
