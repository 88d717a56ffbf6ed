//! The relay as the rest of the daemon sees it: connect, send, quit.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connect::Route;
use super::file;
use super::gate::Gate;
use super::outcome::{Cause, Outcome};
use super::phase::{Phase, Progress};
use super::scope::Refusals;
use super::session::Session;
use super::settings::{Settings, Tls, Transport};
use super::tls;
use crate::message::Message;

/// The relay of the configuration. Cheap to clone; all clones share its limit of connections.
#[derive(Debug, Clone)]
pub struct Relay {
    pub(super) route: Arc<Route>,
    slots: Arc<Semaphore>,
}

/// The relay cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    #[error("[relay] {0}: {1}")]
    Setting(&'static str, String),
    #[error("[relay] {0}")]
    Password(String),
    #[error("[relay] {0}")]
    Trust(String),
    #[error("the table of refusals cannot be read: {0}")]
    Table(#[from] toml::de::Error),
}

/// Whether a message may still be sent by this process.
pub type StillOurs<'a> = &'a (dyn Fn() -> bool + Send + Sync);

/// A connection that is ready for a message. It holds one of the relay's slots until it is dropped.
#[derive(Debug)]
pub struct Connection {
    relay: Relay,
    /// `None` for `transport = "file"`.
    session: Option<Box<Session>>,
    slot: OwnedSemaphorePermit,
    progress: Progress,
}

impl Relay {
    /// `credentials_dir` is systemd's `$CREDENTIALS_DIRECTORY`; `sender_domain` is the EHLO name unless one is set.
    ///
    /// # Errors
    /// The first problem of the settings, the password or the trusted certificates. Nothing is connected yet.
    pub fn new(settings: Settings, credentials_dir: Option<PathBuf>, sender_domain: &str) -> Result<Self, RelayError> {
        if let Some((key, problem)) = settings.validate().into_iter().next() {
            return Err(RelayError::Setting(key, problem));
        }
        let smtp = settings.transport == Transport::Smtp;
        let encrypted = smtp && settings.tls != Tls::None;
        let tls = encrypted.then(|| tls::client_config(settings.ca_file.as_deref())).transpose().map_err(RelayError::Trust)?;
        let slots = Arc::new(Semaphore::new(settings.max_connections as usize));
        let helo_name = settings.helo_name.clone().unwrap_or_else(|| sender_domain.to_owned());
        let table = Arc::new(Refusals::shipped()?);
        let route = Route { settings, tls, table, helo_name, credentials_dir, gate: Gate::default(), durable: true };
        if smtp && route.settings.username.is_some() {
            route.secret().map_err(RelayError::Password)?;
        }
        Ok(Self { route: Arc::new(route), slots })
    }

    /// Writes into a folder that nobody needs after a crash: for rehearsals.
    ///
    /// # Errors
    /// When the table of refusals cannot be read.
    pub fn scratch(directory: PathBuf) -> Result<Self, RelayError> {
        let settings = Settings { transport: Transport::File, directory: Some(directory), ..Settings::default() };
        let slots = Arc::new(Semaphore::new(settings.max_connections as usize));
        let table = Arc::new(Refusals::shipped()?);
        let (helo_name, gate) = (String::new(), Gate::default());
        let route = Route { settings, tls: None, table, helo_name, credentials_dir: None, gate, durable: false };
        Ok(Self { route: Arc::new(route), slots })
    }

    /// Whether no message can leave this machine (`--now` asks).
    #[must_use]
    pub fn is_loopback_or_file(&self) -> bool {
        self.route.settings.is_loopback_or_file()
    }

    /// So many sign-ins were refused within the hour, by the log: they count among the three that are allowed (D4).
    pub async fn remember_refused_sign_ins(&self, refused: usize) {
        self.route.gate.remember(refused).await;
    }

    /// Its settings, with the limits that the claims have to keep (D6).
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.route.settings
    }

    /// Opens a connection, after waiting until fewer than `max_connections` are open.
    ///
    /// # Errors
    /// The outcome for whatever was to be sent: `Retry` or `RelayRefuses`.
    pub async fn connect(&self) -> Result<Connection, Outcome> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|e| Outcome::Retry {
            phase: Phase::Connect,
            cause: Cause::Found(e.to_string()),
            slow_down: false,
        })?;
        let session = match self.route.settings.transport {
            Transport::Smtp => Some(Box::new(self.route.open().await?)),
            Transport::File => {
                self.directory()?;
                None
            }
        };
        Ok(Connection { relay: self.clone(), session, slot, progress: Progress::default() })
    }

    /// The directory of `transport = "file"`; made when it is missing.
    pub(super) fn directory(&self) -> Result<&Path, Outcome> {
        let directory = self.route.settings.directory.as_deref().unwrap_or(Path::new("."));
        std::fs::create_dir_all(directory).map(|()| directory).map_err(|e| Outcome::RelayRefuses {
            phase: Phase::Connect,
            cause: Cause::Found(format!("the directory {} cannot be made: {e}", directory.display())),
        })
    }
}

impl Connection {
    /// A mark that tells how far the present send has come, also after it was dropped.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Sends one message. The connection comes back only if it can be used again. Dropping the future closes the
    /// connection: do so only while [`Progress::may_be_accepted`] is false.
    ///
    /// A connection that the relay has closed while it was idle is opened anew once; nothing was said of the message.
    pub async fn send(self, message: &Message) -> (Outcome, Option<Self>) {
        self.send_while(message, &|| true).await
    }

    /// The same, where others may take the message over.
    /// `still_ours` is asked just before the final dot: `false` gives the message up (D7).
    pub async fn send_while(self, message: &Message, still_ours: StillOurs<'_>) -> (Outcome, Option<Self>) {
        let Self { relay, session, slot, progress } = self;
        let Some(session) = session else {
            return match relay.directory() {
                Err(outcome) => (outcome, None),
                Ok(directory) => {
                    progress.reach(Phase::Body);
                    let outcome = file::write(directory.to_owned(), message, relay.route.durable).await;
                    (outcome, Some(Self { relay, session: None, slot, progress }))
                }
            };
        };
        progress.reach(Phase::Connect);
        let (outcome, session) = relay.send_over(*session, message, &progress, still_ours).await;
        let Some(session) = session else { return (outcome, None) };
        // The outcome is known: the mark is about the next message.
        progress.reach(Phase::Connect);
        let back = Self { relay, session: Some(Box::new(session)), slot, progress };
        if back.is_spent() {
            tokio::spawn(back.quit());
            return (outcome, None);
        }
        (outcome, Some(back))
    }

    /// Says QUIT and closes; nothing hangs on the answer.
    pub async fn quit(self) {
        if let Some(session) = self.session {
            session.quit().await;
        }
    }

    fn is_spent(&self) -> bool {
        self.session.as_ref().is_some_and(|s| s.tries >= self.relay.route.settings.max_per_connection)
    }
}

impl Relay {
    async fn send_over(
        &self,
        session: Session,
        message: &Message,
        progress: &Progress,
        still_ours: StillOurs<'_>,
    ) -> (Outcome, Option<Session>) {
        let used = session.tries > 0;
        if !used {
            return session.send(message, progress, still_ours).await;
        }
        if let Some(session) = session.refreshed().await {
            let sent = session.send(message, progress, still_ours).await;
            // Closed just when MAIL FROM was on its way: an idle connection that the relay was tired of.
            if !matches!(sent.0, Outcome::Retry { phase: Phase::Mail, cause: Cause::Lost(_), .. }) {
                return sent;
            }
        }
        progress.reach(Phase::Connect);
        match self.route.open().await {
            Ok(session) => session.send(message, progress, still_ours).await,
            Err(outcome) => (outcome, None),
        }
    }
}
