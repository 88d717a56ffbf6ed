//! The word to stop, seen by everybody (D9); and the word to begin nothing more for now, when files are read anew.

use tokio::sync::watch;

/// What has been said, the later one weighs more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    GoOn,
    /// What is on its way ends as it began; nothing more is begun.
    Hold,
    Stop,
}

/// Hears whether to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<Word>);

/// Says it.
#[derive(Debug, Clone)]
pub struct Stopper(watch::Sender<Word>);

/// A pair that has not stopped yet.
#[must_use]
pub fn pair() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(Word::GoOn);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Stops everybody who listens.
    pub fn stop(&self) {
        self.0.send_replace(Word::Stop);
    }

    /// Lets what is on its way end, and begins nothing more until [`Stopper::go_on`].
    pub fn hold(&self) {
        self.turn(Word::GoOn, Word::Hold);
    }

    /// Takes [`Stopper::hold`] back; a stop stays one.
    pub fn go_on(&self) {
        self.turn(Word::Hold, Word::GoOn);
    }

    fn turn(&self, from: Word, to: Word) {
        self.0.send_if_modified(|word| {
            let turns = *word == from;
            if turns {
                *word = to;
            }
            turns
        });
    }
}

impl Stop {
    /// Whether the word to stop has been said.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow() == Word::Stop
    }

    /// Whether nothing more is to be begun: stopped, or held.
    #[must_use]
    pub fn is_held(&self) -> bool {
        *self.0.borrow() >= Word::Hold
    }

    /// Waits for the word to stop; for ever if nobody is left to say it.
    pub async fn stopped(&self) {
        self.said(Word::Stop).await;
    }

    /// Waits until nothing more is to be begun.
    pub async fn held(&self) {
        self.said(Word::Hold).await;
    }

    async fn said(&self, least: Word) {
        if self.0.clone().wait_for(|word| *word >= least).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_taken_back_and_a_stop_is_not() {
        let (stopper, stop) = pair();
        stopper.hold();
        assert!(stop.is_held() && !stop.is_stopped());
        stopper.go_on();
        assert!(!stop.is_held());
        stopper.stop();
        stopper.hold();
        stopper.go_on();
        assert!(stop.is_stopped() && stop.is_held());
    }
}
