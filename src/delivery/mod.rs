//! A message goes to the relay, and what became of it is known by name.
//!
//! Owns the connections to the relay and nothing that lasts. May import `duration`, `address` and `message`. The whole
//! SMTP dialogue is here (D17): the phase that was reached and what was heard decide the [`Outcome`]; the table of
//! phase × fault is in `docs/delivery.md`, and every cell of it has a test. Sockets and TLS are named nowhere else.
//!
//! Read in this order: `phase`, `reply`, `outcome`, `scope` (what a refusal is about), `wire` (bytes and timers),
//! `dialogue` (one command, one reply), `connect` (from the address to a session), `session` (one message), `relay`.

mod auth;
mod breaker;
mod connect;
mod dialogue;
mod envelope;
pub mod file;
mod gate;
mod offers;
pub mod outcome;
mod phase;
pub mod preset;
mod probe;
mod refusal;
mod relay;
mod relay_id;
mod reply;
mod room;
pub mod scope;
mod secret;
mod session;
pub mod settings;
mod tally;
pub mod timeouts;
mod tls;
mod token;
mod wire;

pub use breaker::Breaker;
pub use outcome::{Cause, Outcome, RefusedRecipient};
pub use phase::{Phase, Progress};
pub use probe::Report;
pub use refusal::Row;
pub use relay::{Connection, Relay, RelayError, StillOurs};
pub use relay_id::message_id_at_relay;
pub use reply::Reply;
pub use secret::Secret;
pub use settings::Settings;
