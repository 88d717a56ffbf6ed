//! What is owed: customers, invoices and payments as the user's accounts give them.
//!
//! Owns the own ledger's tables. May import `clock`, `money`, `address`, `diagnostic`, `duration`, `database`. dunningd never writes to a
//! query ledger.

pub mod agenda;
mod ahead;
mod columns;
pub mod copy;
pub mod csv;
pub mod erase;
pub mod freshness;
pub mod guard;
pub mod habits;
pub mod import;
pub mod inbox;
pub mod model;
pub mod origin;
pub mod own;
mod own_pages;
pub mod played;
pub mod preset;
pub mod profile;
pub mod query;
pub mod ranks;
pub mod reading;
pub mod record;
pub mod rows;
pub mod settings;
mod sorter;
pub mod source;
mod stored;
pub mod tally;
pub mod validate;
pub mod values;
pub mod whose;

pub use model::{BadRow, Customer, Invoice, Payment, Snapshot, Status};
pub use rows::InvoiceRow;
pub use tally::Tally;
pub use whose::Whose;
