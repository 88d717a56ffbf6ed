//! dunningd, from top to bottom: *the ledger says what is owed; the timetable says what should happen today; the plan
//! is the difference to what the contact log says has happened; a message is rendered; delivery hands it to the relay;
//! the log knows it for good.*
//!
//! The modules stand in the order in which data flows. A module may `use crate::` only modules above it;
//! `tests/suite/house.rs` reads the sources and enforces that.

pub mod clock;
pub mod hex;
pub mod money;

pub mod address;

pub mod credential;
pub mod diagnostic;
pub mod duration;

pub mod database;

pub mod ledger;

pub mod timetable;

pub mod plan;

pub mod contacts;

pub mod report;

pub mod message;

pub mod delivery;

pub mod sender;

pub mod worklist;

pub mod digest;

pub mod daemon;

pub mod config;

pub mod commands;
