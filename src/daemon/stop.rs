//! The word to stop, seen by everybody (D9).

use tokio::sync::watch;

/// Hears whether to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Says it.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// A pair that has not stopped yet.
#[must_use]
pub fn pair() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Stops everybody who listens.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether the word has been said.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the word; for ever if nobody is left to say it.
    pub async fn stopped(&self) {
        if self.0.clone().wait_for(|stopped| *stopped).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
