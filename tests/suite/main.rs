//! All tests that need more than one module, in one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod clock;
mod commands;
mod delivery;
mod dying;
mod hostile;
mod house;
mod importing;
mod posting;
mod renaming;
mod serving;
mod signing;
mod support;
