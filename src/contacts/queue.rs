//! Of what waits to be sent, what is taken together.

use super::polls::MayDeliver;

/// What is taken from what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// E-mails and notices.
    All,
    /// Customers' e-mails wait (T28).
    Notices,
    /// E-mails to colleagues with an hour of their own: digests and forewarnings.
    Letters,
}

impl Queue {
    /// What may be taken after a poll; `None`: nothing.
    #[must_use]
    pub fn after(poll: MayDeliver) -> Option<Self> {
        match poll {
            MayDeliver::All => Some(Self::All),
            MayDeliver::Notices => Some(Self::Notices),
            MayDeliver::Nothing => None,
        }
    }

    /// As a condition on contacts.
    #[must_use]
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::All => "kind <> 'task' AND merged_as NOT IN ('digest', 'forewarning')",
            Self::Notices => "kind = 'notice' AND merged_as NOT IN ('digest', 'forewarning')",
            Self::Letters => "merged_as IN ('digest', 'forewarning')",
        }
    }
}
