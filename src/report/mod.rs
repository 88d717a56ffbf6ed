//! What is owed, how long since, and what the reminders bring: numbers for people, from the ledger and the contact log.
//!
//! Owns nothing, writes nothing. May import everything down to `contacts`. [`books`] reads, everything else only counts.

pub mod aging;
pub mod books;
pub mod changes;
pub mod doctor;
pub mod effect;
pub mod months;
pub mod picture;
