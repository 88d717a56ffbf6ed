//! **Pure**: from the ledger's picture, the timetable and what the log says, to the contacts of one day (T22–T25, T28); and [`explain`], why.
//!
//! Owns nothing. May import `clock`, `money`, `address`, `diagnostic`, `ledger` and `timetable`.

pub mod agenda;
pub mod case;
pub mod compare;
pub mod contact;
pub mod explain;
mod give_way;
pub mod guard;
pub mod last_look;
pub mod later;
pub mod make;
pub mod merge;
pub mod next_email;
pub mod play;
pub mod reach;
mod remember;
pub mod rename;

pub use contact::{Covered, Kind, Planned};
pub use make::{Plan, make};

#[cfg(test)]
mod tests;
