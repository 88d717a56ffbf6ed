//! Several daemons, one database, one relay and a ledger that goes on, while everything that can happen to them does, from
//! one seed: `CHAOS_SEED=… CHAOS_SECONDS=600 cargo nextest run --test chaos`. Afterwards what the relay took, the log and
//! the ledger are compared.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]
#![allow(dead_code, unused_imports, reason = "the suite's support, of which this needs a part")]

mod books;
mod mischief;
mod oracle;
#[path = "../suite/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use books::Books;
use mischief::Mischief;
use support::company::a_company_on;
use support::daemon::timetable_for_now;
use support::dice::Dice;
use support::post::Post;
use support::postgres::TestDatabase;
use support::relay::{Act, At, Script, say};

/// Of what a daemon knows about payments when it writes to a customer.
const RECHECK: Duration = Duration::from_secs(5);
/// What nobody has heard of for so long has lost its claims.
const LEASE: Duration = Duration::from_secs(6);
/// Of `max_connections`.
const CONNECTIONS: usize = 4;
/// Of `max_per_minute`.
const PER_MINUTE: usize = 400;

#[expect(clippy::disallowed_methods, reason = "the test's own switches")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|e| panic!("{name}: {e}")))
}

/// A relay with customers of whom it always says the same, and of whom some replies never come.
fn relay() -> Post {
    let script = Script { thinks: Duration::from_millis(25), ..Script::offering(&["PIPELINING", "8BITMIME"]) };
    let script = script
        .for_command(At::Rcpt, "@c-7.", say("550 5.1.1 no such user"))
        .for_command(At::Rcpt, "@c-11.", say("451 4.2.0 later"))
        .for_command(At::Body, "@c-19.", Act::Reset)
        .for_command(At::Dot, "@c-13.", Act::Close)
        .for_command(At::Dot, "@c-23.", Act::Silence)
        .for_command(At::Dot, "@c-29.", say("554 5.6.0 not like this"));
    Post::open(script)
}

#[test]
fn whatever_happens_to_daemons_database_relay_and_clock_nothing_is_doubled_lost_or_sent_after_payment() {
    let mut dice = number("CHAOS_SEED").map_or_else(Dice::thrown, Dice::of);
    let lasts = Duration::from_secs(number("CHAOS_SECONDS").unwrap_or(60));
    let post = relay();
    let company = a_company_on(TestDatabase::make())
        .with_timetable(&format!("recheck_after = \"5s\"\n{}", timetable_for_now()))
        .with_relay_settings(&format!(
            "host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = {CONNECTIONS}\nmax_per_minute = {PER_MINUTE}\n\
             [relay.timeouts]\ndot = \"3s\"\n",
            post.port
        ))
        .with_database(&format!("lease = \"{}s\"\n", LEASE.as_secs()))
        .with_settings("\n[poll]\nschedule = [\"* * * * *\"]\n\n[ledger.guard]\nmin_ratio = \"0.01\"\n");
    let mut books = Books::open(company, 250);
    let mut mischief = Mischief::begin(&post, dice.seed);
    let begun = Instant::now();
    while begun.elapsed() < lasts {
        mischief.go_on(&mut books, &mut dice);
    }
    eprintln!("{}", mischief.summary());
    mischief.end(&books);
    books.settle();
    oracle::judge(&books, &post, dice.seed);
}
