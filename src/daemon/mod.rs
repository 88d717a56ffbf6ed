//! The daemon: one poll after another on the schedule, and the delivery of what they plan.
//!
//! May import everything above it. Owns the order of things: [`poll`] is one pass, on one screen.

pub mod poll;
pub mod schedule;
