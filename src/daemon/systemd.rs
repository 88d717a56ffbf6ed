//! What systemd is told, if it is there.

use sd_notify::NotifyState;

/// The daemon works, or works again after it has read its files.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The files are being read anew; [`ready`] follows in any case (D9).
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "systemd was not told"),
    }
}

/// All is well.
pub(super) fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// The end has begun.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd was not told");
    }
}
