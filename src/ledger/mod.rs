//! What is owed: customers, invoices and payments as the user's accounts give them.
//!
//! Owns the own ledger's tables. May import `clock`, `money`, `address`, `diagnostic`. dunningd never writes to a
//! query ledger.

pub mod columns;
pub mod csv;
pub mod model;
pub mod record;
pub mod rows;
pub mod settings;
pub mod tally;
pub mod validate;
pub mod values;

pub use model::{BadRow, Customer, Invoice, Payment, Snapshot, Status};
pub use rows::InvoiceRow;
pub use tally::Tally;
