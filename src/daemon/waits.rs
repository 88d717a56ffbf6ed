//! What a delivery waits for: the relay's limits, and the next page.

use std::time::Duration;

use super::round::Round;
use super::stop::Stop;

impl Round<'_> {
    /// Whether the next page would be of use.
    pub(super) fn wants_page(&self) -> bool {
        !self.closed && !self.exhausted && self.ready.is_empty() && !self.loader.is_ready()
    }

    /// How long until the relay's limits allow what is ready.
    pub(super) fn pace_wait(&self) -> Option<Duration> {
        let (now, _, _) = self.shift.office.present();
        if self.closed || self.ready.is_empty() || self.pace.allows(now) { None } else { self.pace.wait(now) }
    }

    /// Whether there is more to send as soon as the relay's limits allow; waits until they do.
    pub(super) async fn must_wait(&mut self, stop: &Stop) -> bool {
        if self.closed || stop.is_held() || (self.ready.is_empty() && self.exhausted) {
            return false;
        }
        let (now, _, _) = self.shift.office.present();
        if self.ready.is_empty() || self.pace.allows(now) {
            // The last batch had nothing to send, or the page is used up: the next one may.
            return true;
        }
        match self.pace.wait(now) {
            Some(wait) => {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = stop.held() => {}
                }
                self.shift.office.wait(wait);
                true
            }
            None => {
                let left = self.ready.len();
                self.done.problems.push(format!("{left} e-mails or more wait: `max_per_day` of [relay] is reached"));
                false
            }
        }
    }
}
