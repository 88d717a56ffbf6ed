//! From a contact and the ledger's rows to the bytes that leave.
//!
//! Owns nothing that lasts. May import `clock`, `money`, `address`, `diagnostic`, `ledger`, `timetable`, `plan` and
//! `contacts`. Tera and the mail library's builder are named here and nowhere else.

pub mod outgoing;

pub use outgoing::Message;
