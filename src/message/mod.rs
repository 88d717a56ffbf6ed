//! From a contact and the ledger's rows to the bytes that leave.
//!
//! Owns nothing that lasts. May import `clock`, `money`, `address`, `diagnostic`, `ledger`, `timetable`, `plan` and
//! `contacts`. Tera and the mail library's builder are named here and nowhere else.

pub mod outgoing;

pub mod clean;
pub mod mailbox;
pub mod pay_link;
pub mod settings;
pub mod unsubscribe;

pub mod context;
pub mod digest;
pub mod forewarning;
pub mod interest;
pub mod samples;

pub mod filters;
pub mod locale;

pub mod attach;
pub mod build;
pub mod dkim;
pub mod letter;
pub mod shipped;

mod check;
mod lex;
mod lint;
mod parts;
mod renderer;
mod schema;
mod source;

pub use build::{BuildError, Headers, build, message_id};
pub use context::Context;
pub use mailbox::Mailbox;
pub use outgoing::Message;
pub use renderer::{RenderError, Rendered, Renderer};
pub use settings::{Company, Templates};

#[cfg(test)]
mod build_tests;
#[cfg(test)]
mod check_tests;
#[cfg(test)]
mod library_tests;
#[cfg(test)]
mod tests;
