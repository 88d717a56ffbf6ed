//! All tests that need more than one module, in one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod asleep;
mod books;
mod clock;
mod commands;
mod delivery;
mod digests;
mod dropping;
mod dying;
mod gap;
mod hostile;
mod house;
mod importing;
mod keeping;
mod pages;
mod posting;
mod profiles;
mod reloading;
mod renaming;
mod sender;
mod serving;
mod sharing;
mod signing;
mod support;
mod tasks;
