//! What is owed: customers, invoices and payments as the user's accounts give them.
//!
//! Owns the own ledger's tables. May import `clock`, `money`, `address`, `diagnostic`. dunningd never writes to a
//! query ledger.

pub mod guard;
pub mod model;

pub use model::{BadRow, Customer, Invoice, Payment, Snapshot, Status};
