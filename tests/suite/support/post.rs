//! The scripted relay for tests that play the program, and wait for it without a runtime of their own.

use std::ops::Deref;
use std::time::{Duration, Instant};

use super::relay::{Accepted, Script, ScriptedRelay};

/// A post office: the relay, and the threads on which it works.
pub struct Post {
    relay: ScriptedRelay,
    _threads: tokio::runtime::Runtime,
}

/// Longer than any machine needs: a test that waits so long has failed.
pub const FAR_TOO_LONG: Duration = Duration::from_secs(180);

/// Looks again and again until it holds.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < FAR_TOO_LONG, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

impl Post {
    /// Opens for everybody on this host.
    pub fn open(script: Script) -> Self {
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let relay = threads.block_on(ScriptedRelay::start(script));
        Self { relay, _threads: threads }
    }

    /// A relay that takes everything.
    pub fn kind() -> Self {
        Self::open(Script::offering(&["PIPELINING", "8BITMIME", "SMTPUTF8"]))
    }

    /// The one message that it accepted.
    pub fn only(&self) -> Accepted {
        let accepted = self.accepted();
        assert_eq!(accepted.len(), 1, "{:#?}", accepted.iter().map(|a| &a.to).collect::<Vec<_>>());
        accepted.into_iter().next().unwrap()
    }
}

impl Deref for Post {
    type Target = ScriptedRelay;

    fn deref(&self) -> &ScriptedRelay {
        &self.relay
    }
}

impl Accepted {
    /// The message as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.message).into_owned()
    }

    /// A header's lines, unfolded; every header of that name.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let text = self.text().replace("\r\n ", " ").replace("\r\n\t", " ");
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        let named = |line: &str| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        };
        head.split("\r\n").filter_map(named).collect()
    }

    /// The one header of that name.
    pub fn header(&self, name: &str) -> String {
        let all = self.headers(name);
        assert_eq!(all.len(), 1, "{name}: {all:?}");
        all.into_iter().next().unwrap()
    }
}
