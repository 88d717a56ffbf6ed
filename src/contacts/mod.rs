//! The contact log: every contact ever planned, sent, failed, skipped or cancelled, kept for good.
//!
//! Owns the contact log's tables; nobody else writes a state of a contact. May import everything down to `plan`.

pub mod about;
pub mod address_task;
pub mod approval;
mod batch;
pub mod chain;
pub mod changed;
pub mod claim;
pub mod control;
pub mod count;
pub mod digest;
pub mod entry;
pub mod evidence;
pub mod facts;
pub mod forewarned;
pub mod forget;
pub mod heard;
pub mod history;
pub mod ids;
pub mod journal;
pub mod note;
pub mod outbox;
pub mod pack;
pub mod past;
pub mod personal;
pub mod polls;
pub mod promise;
pub mod queue;
pub mod record;
mod resend;
pub mod resolve;
pub mod review;
pub mod state;
pub mod suppress;
pub mod tasks;
mod unsent;
pub mod verify;
mod verify_contacts;
pub mod written;

pub use chain::{Event, Head};
pub use entry::{Entry, EntryInvoice};
pub use journal::Journal;
pub use state::State;
