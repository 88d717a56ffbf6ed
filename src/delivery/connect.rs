//! From the relay's name to a session that may send: address, greeting, EHLO, STARTTLS, AUTH.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::auth;
use super::dialogue::Dialogue;
use super::gate::Gate;
use super::offers::Offers;
use super::outcome::{Cause, Outcome};
use super::phase::Phase;
use super::reply::Reply;
use super::scope::Refusals;
use super::secret::Secret;
use super::session::Session;
use super::settings::{Mechanism, Settings, Tls};
use super::tls::handshake;
use super::token::Tokens;
use super::wire::{Stream, Wire, lost};

/// The way to the relay, and what is needed on it.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) settings: Settings,
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) table: Arc<Refusals>,
    pub(super) helo_name: String,
    pub(super) credentials_dir: Option<PathBuf>,
    pub(super) gate: Gate,
    pub(super) tokens: Tokens,
}

/// What was met on the way, for `check`.
#[derive(Debug)]
pub(super) struct Welcome {
    pub(super) address: SocketAddr,
    pub(super) greeting: Reply,
    /// `TLS 1.3`.
    pub(super) tls: Option<&'static str>,
    pub(super) mechanism: Option<Mechanism>,
}

impl Route {
    /// Opens a session.
    ///
    /// # Errors
    /// The outcome for whatever was to be sent: nothing of it has been said yet.
    pub(super) async fn open(&self) -> Result<Session, Outcome> {
        let cap = Instant::now() + self.settings.timeouts.attempt;
        let (tcp, address) = self.dial().await?;
        let (stream, mut tls) = match &self.tls {
            Some(config) if self.settings.tls == Tls::Implicit => self.encrypt(tcp, config).await?,
            _ => (Stream::Plain(tcp), None),
        };
        let mut dialogue = self.dialogue(stream, cap);
        let greeting = dialogue.hear_yes(Phase::Greeting).await?;
        let mut offers = self.hello(&mut dialogue).await?;
        if let Some(config) = self.tls.as_ref().filter(|_| self.settings.tls == Tls::Required) {
            let (stream, version) = self.encrypt(start_tls(dialogue, &offers).await?, config).await?;
            tls = version;
            dialogue = self.dialogue(stream, cap);
            // What was offered in the clear may have been anybody's word.
            offers = self.hello(&mut dialogue).await?;
        }
        let mechanism = self.sign_in(&mut dialogue, &offers).await?;
        let welcome = Welcome { address, greeting, tls, mechanism };
        Ok(Session::new(dialogue, offers, welcome, self.settings.max_message_size))
    }

    fn dialogue(&self, stream: Stream, cap: Instant) -> Dialogue {
        Dialogue::new(Wire::new(stream), self.settings.timeouts, Arc::clone(&self.table), cap)
    }

    /// Tries all addresses of the host in turn, sharing the connect timer among them.
    async fn dial(&self) -> Result<(TcpStream, SocketAddr), Outcome> {
        let limit = self.settings.timeouts.connect;
        let end = Instant::now() + limit;
        let host = self.settings.host.trim_start_matches('[').trim_end_matches(']');
        let broken = |cause| Outcome::broken(Phase::Connect, cause);
        let looked_up = timeout(limit, tokio::net::lookup_host((host, self.settings.port()))).await;
        let found = looked_up.map_err(|_| broken(Cause::TimedOut(limit)))?;
        let found = found.map_err(|e| broken(Cause::Lost(format!("{host} was not found: {e}"))))?;
        // What is called localhost is this host, whatever a name server says (D13).
        let only_loopback = super::settings::is_loopback(host);
        let addresses: Vec<_> = found.filter(|a| !only_loopback || a.ip().to_canonical().is_loopback()).collect();
        dial_any(&addresses, end).await.map_err(broken)
    }

    async fn encrypt(&self, tcp: TcpStream, config: &Arc<ClientConfig>) -> Result<(Stream, Option<&'static str>), Outcome> {
        let stream = handshake(tcp, Arc::clone(config), &self.settings.host, self.settings.timeouts.ehlo).await?;
        let version = match stream.get_ref().1.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "TLS",
        };
        Ok((Stream::Tls(Box::new(stream)), Some(version)))
    }

    /// EHLO; HELO only where neither TLS nor AUTH is wanted.
    async fn hello(&self, dialogue: &mut Dialogue) -> Result<Offers, Outcome> {
        let reply = dialogue.ask(Phase::Ehlo, &format!("EHLO {}\r\n", self.helo_name)).await?;
        if reply.is_positive() {
            return Ok(Offers::read(&reply));
        }
        if reply.code / 100 == 5 && self.settings.tls == Tls::None && self.settings.username.is_none() {
            dialogue.say(Phase::Ehlo, &format!("HELO {}\r\n", self.helo_name)).await?;
            return dialogue.hear_yes(Phase::Ehlo).await.map(|_| Offers::default());
        }
        Err(dialogue.outcome(Phase::Ehlo, reply))
    }

    async fn sign_in(&self, dialogue: &mut Dialogue, offers: &Offers) -> Result<Option<Mechanism>, Outcome> {
        let Some(username) = &self.settings.username else { return Ok(None) };
        let mechanism = auth::choose(self.settings.mechanism(), &offers.auth)?;
        let permit = self.gate.enter().await?;
        let secret = match &self.settings.token_command {
            Some(command) => self.tokens.token(command).await,
            None => self.password(),
        };
        let secret = secret.map_err(|sentence| refused(Phase::Auth, sentence))?;
        let done = auth::sign_in(dialogue, mechanism, username, &secret).await;
        match &done {
            Ok(()) => permit.settle(true).await,
            Err(Outcome::RelayRefuses { .. }) => {
                self.tokens.forget().await;
                permit.settle(false).await;
            }
            Err(_) => {}
        }
        done.map(|()| Some(mechanism))
    }

    /// # Errors
    /// A sentence: there is no password, or none that may be used.
    pub(super) fn password(&self) -> Result<Secret, String> {
        let found = Secret::find(self.credentials_dir.as_deref(), self.settings.password_file.as_deref())?;
        found.ok_or_else(|| {
            "username is set and there is no password: set password_file, token_command or a systemd credential".to_owned()
        })
    }
}

async fn start_tls(mut dialogue: Dialogue, offers: &Offers) -> Result<TcpStream, Outcome> {
    let phase = Phase::StartTls;
    if !offers.starttls {
        let sentence = "the relay does not offer STARTTLS; nothing was sent in the clear (tls = \"implicit\" with port 465?)";
        return Err(refused(phase, sentence.to_owned()));
    }
    dialogue.say(phase, "STARTTLS\r\n").await?;
    dialogue.hear_yes(phase).await?;
    dialogue.wire.into_bare().ok_or_else(|| {
        refused(phase, "bytes came behind the reply to STARTTLS, before the handshake: somebody may be injecting them".to_owned())
    })
}

fn refused(phase: Phase, sentence: String) -> Outcome {
    Outcome::RelayRefuses { phase, cause: Cause::Found(sentence) }
}

async fn dial_any(addresses: &[SocketAddr], end: Instant) -> Result<(TcpStream, SocketAddr), Cause> {
    let mut reasons = Vec::new();
    for (i, address) in addresses.iter().enumerate() {
        let left = u32::try_from(addresses.len() - i).unwrap_or(u32::MAX);
        let share = end.saturating_duration_since(Instant::now()) / left;
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => {
                // Without it each message waits 40 ms for a delayed acknowledgement.
                tcp.set_nodelay(true).map_err(|e| lost(&e))?;
                return Ok((tcp, *address));
            }
            Ok(Err(e)) => reasons.push(format!("{address}: {e}")),
            Err(_) => reasons.push(format!("{address}: no answer within {}", crate::duration::format(share))),
        }
    }
    if reasons.is_empty() {
        reasons.push("the name has no address that may be used".to_owned());
    }
    Err(Cause::Lost(reasons.join("; ")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_dead_address_is_passed_over_for_a_live_one() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let live = listener.local_addr().unwrap();
        let dead: SocketAddr = "[::1]:1".parse().unwrap();
        let end = Instant::now() + Duration::from_secs(5);
        let (_, address) = dial_any(&[dead, live], end).await.unwrap();
        assert_eq!(address, live);
        let error = dial_any(&[dead], end).await.unwrap_err().to_string();
        assert!(error.contains("[::1]:1"), "{error}");
        assert!(dial_any(&[], end).await.unwrap_err().to_string().contains("no address"));
    }
}
