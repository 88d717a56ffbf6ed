//! The e-mail of the morning: to each collector what is to be done, to the manager how things stand.
//!
//! Owns nothing: [`gather`] reads the log and the ledger, [`morning`] makes each one's digest of it and `asking` the
//! forewarnings of what waits for approval, `daemon/digest.rs` sends them. May import everything down to `sender`.

mod asking;
pub mod gather;
pub mod morning;
mod settings;

pub use settings::{Settings, slot};
