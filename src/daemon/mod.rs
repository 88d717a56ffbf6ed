//! The daemon: one poll after another on the schedule, and the delivery of what they plan.
//!
//! May import everything above it. Owns the order of things: [`poll`] is one pass, on one screen.

mod agenda;
mod belief;
#[cfg(test)]
mod breakdown;
pub mod calendar;
mod claims;
pub mod clock_check;
mod crew;
pub mod deliver;
pub mod digest;
mod doubt;
pub mod excerpt;
pub mod forewarn;
mod go_live;
pub mod inbox;
pub mod inquiry;
pub mod knowledge;
pub mod lease;
mod loader;
pub mod mark;
mod observe;
pub mod office;
mod open;
pub mod orders;
pub mod pace;
pub mod pass;
pub mod pause;
mod personal;
pub mod poll;
pub mod prepare;
pub mod rehearsal;
pub mod reload;
mod renames;
pub mod review;
mod round;
pub mod schedule;
pub mod serve;
pub mod settle;
mod settled;
mod shared;
pub mod shift;
pub mod stop;
mod sums;
mod systemd;
mod throttle;
mod waits;
mod walk;
mod watch;
