//! What came of a task.

use crate::contacts::heard::NOBODY;

/// The results of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Somebody was spoken to.
    Reached,
    Voicemail,
    Unreachable,
    /// They say that they never got the invoice.
    InvoiceNotReceived,
    /// Somebody there has to release it.
    WaitingForApproval,
    Dispute,
    /// They say that the money is on its way.
    PaymentSent,
    Promise,
}

impl Outcome {
    pub const ALL: [Self; 8] = [
        Self::Reached,
        Self::Voicemail,
        Self::Unreachable,
        Self::InvoiceNotReceived,
        Self::WaitingForApproval,
        Self::Dispute,
        Self::PaymentSent,
        Self::Promise,
    ];

    /// The word of the command line, the JSON and the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Voicemail => "voicemail",
            Self::Unreachable => "unreachable",
            Self::InvoiceNotReceived => "invoice-not-received",
            Self::WaitingForApproval => "waiting-for-approval",
            Self::Dispute => "dispute",
            Self::PaymentSent => "payment-sent",
            Self::Promise => "promise",
        }
    }

    /// Whether the call is to be tried again: nobody was reached.
    #[must_use]
    pub fn is_tried_again(self) -> bool {
        NOBODY.contains(&self.word())
    }

    /// Whether a day on which they pay may come with it.
    #[must_use]
    pub fn may_promise(self) -> bool {
        matches!(self, Self::Reached | Self::WaitingForApproval | Self::PaymentSent | Self::Promise)
    }
}

impl std::str::FromStr for Outcome {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|o| o.word() == word).ok_or_else(|| {
            let known = Self::ALL.map(Self::word);
            let near = crate::diagnostic::nearest(word, known).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
            format!("{word:?} is no result of a task{near} Known: {}", known.join(", "))
        })
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
