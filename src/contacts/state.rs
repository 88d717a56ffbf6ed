//! The life of a contact.

/// `planned → queued → sending → sent`, or out of `sending`: `retrying`, `failed`, `in-doubt`; out of planned, queued and
/// retrying: `cancelled`; never planned at all: `skipped`. Tasks: `open`, `snoozed`, `done`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Planned,
    Queued,
    Sending,
    /// Taken by the relay.
    Sent,
    Retrying,
    Failed,
    /// Nobody knows whether the relay took it: a person settles it (D2).
    InDoubt,
    Cancelled,
    Skipped,
    Open,
    Done,
    Snoozed,
}

impl State {
    pub const ALL: [Self; 12] = [
        Self::Planned,
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Retrying,
        Self::Failed,
        Self::InDoubt,
        Self::Cancelled,
        Self::Skipped,
        Self::Open,
        Self::Done,
        Self::Snoozed,
    ];

    /// The word of the JSON, the database and the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Retrying => "retrying",
            Self::Failed => "failed",
            Self::InDoubt => "in-doubt",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Open => "open",
            Self::Done => "done",
            Self::Snoozed => "snoozed",
        }
    }
}

impl std::str::FromStr for State {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|s| s.word() == word).ok_or_else(|| {
            let known = Self::ALL.map(Self::word);
            let near = crate::diagnostic::nearest(word, known).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
            format!("{word:?} is no state of a contact{near} Known: {}", known.join(", "))
        })
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
