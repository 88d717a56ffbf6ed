//! What happens to the daemons, their database, the relay and the clock.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::books::Books;
use crate::support::company::{Running, signal};
use crate::support::daemon::Daemon;
use crate::support::dice::Dice;
use crate::support::post::Post;
use crate::support::proxy::{Proxy, To};

const FAKETIME: [&str; 2] =
    ["/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"];

/// A daemon's place: it is begun again when it has ended.
struct Place {
    name: String,
    daemon: Option<Daemon>,
    stopped_until: Option<Instant>,
    database: Proxy,
    database_back_at: Option<Instant>,
    relay: Proxy,
    /// Its clock is another one, and makes steps.
    has_own_clock: bool,
}

/// Everything that goes wrong.
pub struct Mischief {
    places: Vec<Place>,
    once: Vec<Running>,
    relay: u16,
    with_clock: bool,
    done: BTreeMap<&'static str, usize>,
}

impl Mischief {
    pub fn begin(post: &Post, seed: u64) -> Self {
        Self { places: Vec::new(), once: Vec::new(), relay: post.port, with_clock: has_clock_steps(seed), done: BTreeMap::new() }
    }

    pub fn summary(&self) -> String {
        format!("what happened: {:?}", self.done)
    }

    fn place(&mut self, books: &Books) {
        let number = self.places.len();
        self.places.push(Place {
            name: format!("daemon-{number}"),
            daemon: None,
            stopped_until: None,
            database: Proxy::to(To::Socket(books.company.server().socket())),
            database_back_at: None,
            relay: Proxy::to(To::Port(self.relay)),
            has_own_clock: self.with_clock && number == 0,
        });
    }

    /// One thing more.
    pub fn go_on(&mut self, books: &mut Books, dice: &mut Dice) {
        while self.places.len() < 3 {
            self.place(books);
        }
        for place in &mut self.places {
            place.live_on(books);
        }
        self.once.retain_mut(|child| child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(80 + dice.below(600)));
        let which = dice.below(self.places.len() as u64) as usize;
        let what = self.one_thing(books, dice, which);
        *self.done.entry(what).or_default() += 1;
    }

    fn one_thing(&mut self, books: &mut Books, dice: &mut Dice, which: usize) -> &'static str {
        let place = &mut self.places[which];
        match dice.below(14) {
            0 | 1 => {
                // Killed when it goes.
                place.daemon = None;
                place.stopped_until = None;
                "killed"
            }
            2 => {
                place.stop_for(Duration::from_millis(500 + dice.below(9_000)));
                "suspended"
            }
            3 => {
                place.database.cut();
                "database cut"
            }
            4 | 5 => {
                place.database.lose_answers(dice.below(3) as usize, 1);
                "commit lost"
            }
            6 => {
                place.database.close();
                place.database_back_at = Some(Instant::now() + Duration::from_millis(200 + dice.below(3_000)));
                "database away"
            }
            7 => {
                place.relay.cut();
                "relay cut"
            }
            8 | 9 => {
                books.receive(dice);
                "payments"
            }
            10 => {
                books.sell(8);
                "invoices"
            }
            11 => {
                books.receive_nonsense();
                "nonsense"
            }
            12 if self.with_clock => {
                let steps = ["-200", "-100", "+0", "+100", "+200"];
                self.places[0].set_clock(books, steps[dice.below(5) as usize]);
                "clock step"
            }
            _ => {
                self.poll_once(books, which);
                "run --once"
            }
        }
    }

    fn poll_once(&mut self, books: &Books, which: usize) {
        if self.once.len() >= 2 {
            return;
        }
        let mut command = books.company.command(&["run", "--once"]);
        command.envs(self.places[which].environment(books)).env("STATE_DIRECTORY", books.company.path("once"));
        std::fs::create_dir_all(books.company.path("once")).unwrap();
        self.once.push(Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()));
    }

    /// Peace: everybody is told to stop, and does.
    pub fn end(mut self, books: &Books) {
        for place in &mut self.places {
            place.database.open();
            place.database.lose_answers(0, 0);
            if let Some(daemon) = place.daemon.take() {
                daemon.signal("CONT");
                place.live_on_without(daemon);
            }
        }
        for child in &mut self.once {
            signal(child, "TERM");
            child.wait().unwrap();
        }
        drop(self.places);
        std::fs::write(books.company.path("clock"), "+0").unwrap();
    }
}

/// Steps of the clock belong to every other seed: with them nothing can be said of a rate.
pub fn has_clock_steps(seed: u64) -> bool {
    seed.is_multiple_of(2)
}

impl Place {
    fn environment(&self, books: &Books) -> Vec<(String, String)> {
        let database = &books.company.server().name;
        let url = format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.database.port);
        let mut all = vec![("DUNNINGD__DATABASE__URL", url), ("DUNNINGD__RELAY__PORT", self.relay.port.to_string())];
        if self.has_own_clock {
            let file = books.company.path("clock");
            if !file.exists() {
                std::fs::write(&file, "+0").unwrap();
            }
            let library = FAKETIME.into_iter().find(|l| std::path::Path::new(l).exists());
            all.push(("LD_PRELOAD", library.expect("libfaketime: apt-get install faketime").to_owned()));
            all.push(("FAKETIME_TIMESTAMP_FILE", file.display().to_string()));
            all.push(("FAKETIME_NO_CACHE", "1".to_owned()));
            all.push(("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()));
            all.push(("DONT_FAKE_MONOTONIC", "1".to_owned()));
        }
        all.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    fn live_on(&mut self, books: &Books) {
        if self.database_back_at.is_some_and(|at| at <= Instant::now()) {
            self.database.open();
            self.database_back_at = None;
        }
        if self.stopped_until.is_some_and(|at| at <= Instant::now()) {
            if let Some(daemon) = &self.daemon {
                daemon.signal("CONT");
            }
            self.stopped_until = None;
        }
        if self.daemon.as_mut().is_some_and(|d| d.process.try_wait().unwrap().is_some()) {
            self.daemon = None;
        }
        if self.daemon.is_none() {
            self.daemon = Some(Daemon::begin_with(&books.company, &self.name, &self.environment(books)));
        }
    }

    fn stop_for(&mut self, how_long: Duration) {
        let Some(daemon) = &mut self.daemon else { return };
        if daemon.process.try_wait().unwrap().is_none() {
            daemon.signal("STOP");
            self.stopped_until = Some(Instant::now() + how_long);
        }
    }

    /// Written beside and moved, so that nobody reads half of it.
    fn set_clock(&self, books: &Books, step: &str) {
        let file = books.company.path("clock");
        std::fs::write(file.with_extension("new"), step).unwrap();
        std::fs::rename(file.with_extension("new"), file).unwrap();
    }

    fn live_on_without(&self, mut daemon: Daemon) {
        if daemon.process.try_wait().unwrap().is_none() {
            daemon.stop();
        }
    }
}
