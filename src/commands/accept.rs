//! A person's word that a guard has tripped without need (T27–T29, T31).

use clap::Args;

use crate::daemon::poll::Accepted;

/// What is accepted for this one poll.
#[derive(Debug, Clone, Copy, Args)]
pub struct Accept {
    /// The ledger is right, although the guard does not believe it (T27)
    #[arg(long, requires = "once")]
    accept_ledger: bool,
    /// So many e-mails are meant (T28)
    #[arg(long, requires = "once")]
    accept_volume: bool,
    /// The steps that appeared are new ones, not renamed (T31)
    #[arg(long, requires = "once")]
    accept_steps: bool,
    /// The clock is right (T29)
    #[arg(long, requires = "once")]
    accept_clock: bool,
    /// The database went back in time, and what it has forgotten was looked at (D16)
    #[arg(long, requires = "once")]
    accept_gap: bool,
}

impl Accept {
    /// As the poll takes it.
    pub fn accepted(self) -> Accepted {
        Accepted {
            ledger: self.accept_ledger,
            volume: self.accept_volume,
            steps: self.accept_steps,
            clock: self.accept_clock,
            gap: self.accept_gap,
        }
    }
}
