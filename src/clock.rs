//! The one place that reads the time. Everything else is handed an instant or a day.

use chrono::{DateTime, Utc};

/// Where the present comes from: the machine's clock, or an instant given with `--now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// This instant, for as long as the program runs. A real relay is refused then (`spec: --now`).
    Given(DateTime<Utc>),
}

impl Clock {
    /// The present instant, in UTC.
    #[must_use]
    pub fn now(self) -> DateTime<Utc> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
            Self::System => Utc::now(),
            Self::Given(instant) => instant,
        }
    }

    /// Whether the instant was given with `--now`.
    #[must_use]
    pub fn is_given(self) -> bool {
        matches!(self, Self::Given(_))
    }
}
