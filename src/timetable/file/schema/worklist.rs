//! The keys of `[worklist]`.

use schemars::JsonSchema;

use super::OneOrMany;

/// How people work through their tasks.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Worklist {
    /// Business days after a call that reached nobody (`voicemail`, `unreachable`), until the next try. Default: 2.
    retry_days: Option<u32>,
    /// The template of the e-mail that `tasks done --result invoice-not-received` sends, with the invoice's document.
    /// Default: `"invoice-copy"`.
    invoice_copy: Option<String>,
    /// The words for what is disputed: `dispute --code`. Default: goods, price, quantity, delivery, quality, other.
    dispute_codes: Option<OneOrMany>,
}
