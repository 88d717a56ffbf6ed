//! What becomes of an e-mail that may have been accepted (D2).

use chrono::{DateTime, Utc};

use super::settle::{DELAYS, delay};
use crate::contacts::State;
use crate::contacts::outbox::Settled;
use crate::delivery::settings::InDoubt;

/// Why a contact is in doubt whose daemon is gone.
pub(super) const ENDED: &str = "the program ended, or hung, while it was being sent";

/// In doubt; or, where the configuration says so, to be sent again as it was, after the delay of a retry and at most as
/// often as these delays are many: whoever does get it gets it so often at the most.
pub(super) fn settled(contact: &str, why: &str, tries: u32, in_doubt: InDoubt, now: DateTime<Utc>) -> Settled {
    if in_doubt == InDoubt::Hold || tries as usize > DELAYS.len() {
        return Settled::new(contact, State::InDoubt, Some(why.to_owned()));
    }
    let reason = format!("{why}; the same e-mail is sent again");
    let not_before = Some(now + delay(tries, contact));
    Settled { not_before, resend: true, ..Settled::new(contact, State::Retrying, Some(reason)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_is_held_or_sent_again_later_and_not_for_ever() {
        let now: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        assert_eq!(settled("A", "lost", 1, InDoubt::Hold, now).state, State::InDoubt);
        let again = settled("A", "lost", 1, InDoubt::Resend, now);
        assert!(again.state == State::Retrying && again.resend && again.not_before >= Some(now + chrono::TimeDelta::minutes(5)));
        assert_eq!(settled("A", "lost", 6, InDoubt::Resend, now).state, State::Retrying);
        assert_eq!(settled("A", "lost", 7, InDoubt::Resend, now).state, State::InDoubt);
    }
}
