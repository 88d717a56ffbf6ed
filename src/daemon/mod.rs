//! The daemon: one poll after another on the schedule, and the delivery of what they plan.
//!
//! May import everything above it. Owns the order of things: [`poll`] is one pass, on one screen.

pub mod clock_check;
pub mod deliver;
mod go_live;
pub mod office;
pub mod pace;
pub mod pass;
pub mod poll;
pub mod prepare;
pub mod rehearsal;
mod renames;
pub mod schedule;
pub mod serve;
pub mod settle;
pub mod stop;
