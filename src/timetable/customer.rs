//! What the file says of single customers (T8).

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::approval::Approve;
use crate::address::EmailAddress;

/// One `[customer."ID"]`: it wins over the ledger and over the rest of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerSettings {
    pub segment: Option<String>,
    pub skip_steps: BTreeSet<String>,
    /// Steps whose limits (T7) do not apply to this customer.
    pub extra_steps: BTreeSet<String>,
    pub to: Option<Vec<EmailAddress>>,
    pub cc: Option<Vec<EmailAddress>>,
    pub language: Option<String>,
    pub quiet_days: Option<u32>,
    /// That day included.
    /// Whether its e-mails wait for a person's word (T34).
    pub approve: Option<Approve>,
    /// Whether people look after it; `None`: its segment says it, or what it owes.
    pub personal: Option<bool>,
    pub paused_until: Option<NaiveDate>,
}
