//! The relay as the rest of the daemon sees it: connect, send, quit.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::connect::Route;
use super::file;
use super::gate::Gate;
use super::outcome::{Cause, Outcome};
use super::phase::{Phase, Progress};
use super::room::{Entry, Place, Ready, Room, Seat};
use super::scope::Refusals;
use super::settings::{Settings, Tls, Transport};
use super::tls;
use super::token::Tokens;
use crate::message::Message;

/// The relay of the configuration. Cheap to clone; all clones share its limit of connections.
#[derive(Debug, Clone)]
pub struct Relay {
    pub(super) route: Arc<Route>,
    room: Arc<Room>,
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

/// A connection that is ready for a message. It holds one of the relay's places until it is dropped, or until somebody
/// else needs the connection more while it is idle; then the next message takes another.
#[derive(Debug)]
pub struct Connection {
    relay: Relay,
    seat: Arc<Seat>,
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
        let room = Room::for_connections(settings.max_connections);
        let helo_name = settings.helo_name.clone().unwrap_or_else(|| sender_domain.to_owned());
        let table = Arc::new(Refusals::behind(&settings.refusal)?);
        let (gate, tokens) = (Gate::default(), Tokens::default());
        let route = Route { settings, tls, table, helo_name, credentials_dir, gate, tokens };
        if smtp && route.settings.username.is_some() && route.settings.token_command.is_none() {
            route.password().map_err(RelayError::Password)?;
        }
        Ok(Self { route: Arc::new(route), room })
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

    /// Opens a connection, after waiting until there is room for one: fewer than `max_connections` are open, and no more
    /// than the relay has shown to bear (D6). Where there is no room, one that is idle will do.
    ///
    /// # Errors
    /// The outcome for whatever was to be sent: `Retry` or `RelayRefuses`.
    pub async fn connect(&self) -> Result<Connection, Outcome> {
        let ready = match self.room.enter().await {
            Entry::Ready(ready) => ready,
            Entry::Place(place) => self.open(place).await?,
        };
        Ok(Connection { relay: self.clone(), seat: Seat::kept(ready), progress: Progress::default() })
    }

    /// Opens a connection at a place. When the relay asks for less while others are open, it has one too many: there is
    /// room for fewer from now on, and this one waits for its turn.
    async fn open(&self, place: Place) -> Result<Ready, Outcome> {
        let mut place = place;
        loop {
            let opened = match self.route.settings.transport {
                Transport::Smtp => self.route.open().await.map(|session| Some(Box::new(session))),
                Transport::File => self.directory().map(|_| None),
            };
            let outcome = match opened {
                Ok(session) => return Ok(Ready { place, session }),
                Err(outcome) => outcome,
            };
            if !matches!(outcome, Outcome::Retry { slow_down: true, .. }) {
                return Err(outcome);
            }
            let Some(bears) = place.too_many() else { return Err(outcome) };
            tracing::info!("the relay bears no more than {bears} connections now: {}", outcome.describe());
            match self.room.enter().await {
                Entry::Ready(ready) => return Ok(ready),
                Entry::Place(next) => place = next,
            }
        }
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
    /// A connection that the relay has closed while it was idle is opened anew; nothing was said of the message.
    pub async fn send(self, message: &Message) -> (Outcome, Option<Self>) {
        self.send_while(message, &|| true).await
    }

    /// The same, where others may take the message over.
    /// `still_ours` is asked just before the final dot: `false` gives the message up (D7).
    pub async fn send_while(self, message: &Message, still_ours: StillOurs<'_>) -> (Outcome, Option<Self>) {
        let Self { relay, seat, progress } = self;
        progress.reach(Phase::Connect);
        let ready = match seat.take() {
            Some(ready) => ready,
            None => match relay.room.enter().await {
                Entry::Ready(ready) => ready,
                Entry::Place(place) => match relay.open(place).await {
                    Ok(ready) => ready,
                    Err(outcome) => return (outcome, None),
                },
            },
        };
        let (outcome, ready) = relay.send_over(ready, message, &progress, still_ours).await;
        let Some(ready) = ready else { return (outcome, None) };
        // The outcome is known: the mark is about the next message.
        progress.reach(Phase::Connect);
        let most = relay.route.settings.max_per_connection;
        if ready.session.as_ref().is_some_and(|session| session.tries >= most) {
            tokio::spawn(quit(ready));
            return (outcome, None);
        }
        let seat = relay.room.park(ready);
        (outcome, Some(Self { relay, seat, progress }))
    }

    /// Says QUIT and closes; nothing hangs on the answer.
    pub async fn quit(self) {
        if let Some(ready) = self.seat.take() {
            quit(ready).await;
        }
    }
}

/// Holds the place until the relay knows that the connection is over.
async fn quit(ready: Ready) {
    let Ready { place, session } = ready;
    if let Some(session) = session {
        session.quit().await;
    }
    drop(place);
}

impl Relay {
    async fn send_over(
        &self,
        ready: Ready,
        message: &Message,
        progress: &Progress,
        still_ours: StillOurs<'_>,
    ) -> (Outcome, Option<Ready>) {
        let mut ready = ready;
        loop {
            let Ready { place, session } = ready;
            let Some(session) = session else {
                let outcome = match self.directory() {
                    Err(outcome) => return (outcome, None),
                    Ok(directory) => {
                        progress.reach(Phase::Body);
                        file::write(directory.to_owned(), message).await
                    }
                };
                return (outcome, Some(Ready { place, session: None }));
            };
            let used = session.tries > 0;
            let session = if used { session.refreshed().await } else { Some(*session) };
            if let Some(session) = session {
                let (outcome, session) = session.send(message, progress, still_ours).await;
                // Closed just when MAIL FROM was on its way: an idle connection that the relay was tired of.
                let tired = used && matches!(outcome, Outcome::Retry { phase: Phase::Mail, cause: Cause::Lost(_), .. });
                if !tired {
                    return (outcome, session.map(|session| Ready { place, session: Some(Box::new(session)) }));
                }
            }
            progress.reach(Phase::Connect);
            ready = match self.open(place).await {
                Ok(ready) => ready,
                Err(outcome) => return (outcome, None),
            };
        }
    }
}
