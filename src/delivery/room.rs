//! How many connections the relay bears (D6): `max_connections`, or fewer after it has refused one for being too many.
//!
//! A place is the right to one connection. An idle connection stays with the worker that has used it, but where there is
//! no more room it is given to whoever needs one: else a worker with a message could wait for ever for a worker without.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::session::Session;

/// After so long a relay that refused a connection is asked to bear one more.
const GROWS_AFTER: Duration = Duration::from_secs(5 * 60);

/// The room for connections; shared by all clones of a relay.
#[derive(Debug)]
pub(super) struct Room {
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    max: usize,
    limit: usize,
    open: usize,
    grows_at: Option<Instant>,
    /// The connections that wait for a message, the one that waits longest first.
    idle: Vec<Weak<Seat>>,
}

/// The right to one connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<Room>);

/// Where a connection waits for its next message; empty when it was given to another.
#[derive(Debug)]
pub(super) struct Seat(Mutex<Option<Ready>>);

/// A connection with its place.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) place: Place,
    /// `None` for `transport = "file"`.
    pub(super) session: Option<Box<Session>>,
}

/// What there is for somebody who needs a connection.
pub(super) enum Entry {
    /// Room for a new one.
    Place(Place),
    /// One that was idle.
    Ready(Ready),
}

impl State {
    /// Room for one more, if there is.
    fn enter(&mut self, now: Instant) -> bool {
        while let Some(at) = self.grows_at.filter(|at| *at <= now) {
            self.limit = (self.limit + 1).min(self.max);
            self.grows_at = (self.limit < self.max).then_some(at + GROWS_AFTER);
        }
        let room = self.open < self.limit;
        self.open += usize::from(room);
        room
    }

    /// One of those that are open was refused for being too many: the others are what the relay bears. False: there is
    /// no other.
    fn shrink(&mut self, now: Instant) -> bool {
        let others = self.open.saturating_sub(1);
        if others > 0 {
            self.limit = self.limit.min(others);
            self.grows_at = Some(now + GROWS_AFTER);
        }
        others > 0
    }
}

impl Room {
    pub(super) fn for_connections(max: u32) -> Arc<Self> {
        let max = max as usize;
        let state = State { max, limit: max, open: 0, grows_at: None, idle: Vec::new() };
        Arc::new(Self { state: Mutex::new(state), freed: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place or an idle connection; waits until there is one.
    pub(super) async fn enter(self: &Arc<Self>) -> Entry {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // From here on nothing that becomes free is missed.
            freed.as_mut().enable();
            let grows_at = {
                let mut state = self.state();
                if state.enter(Instant::now()) {
                    return Entry::Place(Place(Arc::clone(self)));
                }
                while !state.idle.is_empty() {
                    let longest = state.idle.remove(0);
                    if let Some(ready) = longest.upgrade().and_then(|seat| seat.take()) {
                        return Entry::Ready(ready);
                    }
                }
                state.grows_at
            };
            match grows_at {
                None => freed.await,
                Some(at) => tokio::select! {
                    () = freed => {}
                    () = sleep_until(at) => {}
                },
            }
        }
    }

    /// A connection waits for its next message; from now on it may be given to another.
    pub(super) fn park(self: &Arc<Self>, ready: Ready) -> Arc<Seat> {
        let seat = Seat::kept(ready);
        let mut state = self.state();
        state.idle.retain(|other| other.strong_count() > 0);
        state.idle.push(Arc::downgrade(&seat));
        drop(state);
        self.freed.notify_one();
        seat
    }
}

impl Seat {
    /// For a connection that was asked for: nobody else gets it before its first message.
    pub(super) fn kept(ready: Ready) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Some(ready))))
    }

    /// The connection that waits here, unless it was given to another.
    pub(super) fn take(&self) -> Option<Ready> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Place {
    /// The relay has refused the connection for which this place was. How many it bears now; `None`: it was the only one, so
    /// that the relay means something else.
    pub(super) fn too_many(self) -> Option<usize> {
        let mut state = self.0.state();
        state.shrink(Instant::now()).then_some(state.limit)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.open = state.open.saturating_sub(1);
        drop(state);
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(room: &mut State, now: Instant) -> usize {
        (0..20).filter(|_| room.enter(now)).count()
    }

    #[test]
    fn the_room_shrinks_to_what_the_relay_bears_and_grows_by_one_every_five_minutes() {
        let now = Instant::now();
        let mut state = State { max: 4, limit: 4, open: 0, grows_at: None, idle: Vec::new() };
        assert_eq!(entered(&mut state, now), 4);
        assert!(state.shrink(now));
        state.open -= 1;
        assert!(state.shrink(now));
        state.open -= 1;
        assert_eq!((state.limit, entered(&mut state, now + GROWS_AFTER / 2)), (2, 0));
        assert_eq!(entered(&mut state, now + GROWS_AFTER), 1);
        assert_eq!(entered(&mut state, now + GROWS_AFTER * 3 / 2), 0);
        assert_eq!(entered(&mut state, now + GROWS_AFTER * 9), 1);
        assert_eq!((state.limit, state.grows_at), (4, None));
    }

    #[test]
    fn a_relay_that_refuses_the_only_connection_means_something_else() {
        let mut state = State { max: 4, limit: 4, open: 1, grows_at: None, idle: Vec::new() };
        assert!(!state.shrink(Instant::now()));
        assert_eq!(state.limit, 4);
    }

    #[tokio::test]
    async fn an_idle_connection_is_given_to_whoever_needs_one_when_there_is_no_room() {
        let room = Room::for_connections(1);
        let Entry::Place(place) = room.enter().await else { panic!("there was room") };
        let seat = room.park(Ready { place, session: None });
        let Entry::Ready(ready) = room.enter().await else { panic!("there was no room") };
        assert!(seat.take().is_none());
        let waits = tokio::spawn({
            let room = Arc::clone(&room);
            async move { matches!(room.enter().await, Entry::Ready(_)) }
        });
        tokio::task::yield_now().await;
        let _seat = room.park(ready);
        assert!(waits.await.unwrap(), "whoever waits is woken");
    }
}
