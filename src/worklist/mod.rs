//! What people do: the tasks in the order in which they are to be done, what came of a call and what follows from it.
//! [`figures`], [`priority`] and [`review`] are pure.
//!
//! Owns nothing: tasks are contacts, and only `contacts` writes their states. May import everything down to `contacts`.

pub mod calendar;
pub mod desk;
pub mod done;
pub mod dossier;
pub mod figures;
pub mod heard;
pub mod item;
pub mod outcome;
pub mod priority;
pub mod review;

pub use desk::Desk;
pub use done::{Finished, Order, WorklistError};
pub use dossier::{Dossier, NextEmail};
pub use item::{Due, Item, Wanted};
pub use outcome::Outcome;
