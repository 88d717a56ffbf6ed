//! The database is away, ends what we do, or loses its answers: nothing is sent before it is known what is in it, nothing
//! is sent twice, and nothing is in doubt where there was no doubt.

use std::process::Stdio;
use std::time::Duration;

use super::*;
use crate::support::company::{Running, Said, signal};
use crate::support::daemon::{Daemon, three_days_ago, timetable_for_now};
use crate::support::postgres::Server;
use crate::support::proxy::{Proxy, To};
use crate::support::relay::{Act, At, Gate, Script};

/// Through a proxy from now on.
fn through_a_proxy(company: &mut Company) -> Proxy {
    let proxy = Proxy::to(To::Socket(company.server().socket()));
    let name = company.server().name.clone();
    company.reaches_its_database_by(&format!("postgres://postgres@127.0.0.1:{}/{name}?sslmode=disable", proxy.port));
    proxy
}

#[test]
fn a_commit_whose_answer_is_lost_sends_nothing_twice_and_loses_nothing_whichever_commit_it_is() {
    const CUSTOMERS: usize = 8;
    let mut lost = 0;
    for after in 0..14 {
        let post = Post::kind();
        let mut company = company(&post, CUSTOMERS)
            .with_relay_settings(&format!("host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 1\n", post.port));
        let proxy = through_a_proxy(&mut company);
        // The first one is that of the migrations.
        proxy.lose_answers(after, 1);
        let said = company.run_at(MORNING, &["run", "--once", "--format", "json"]);
        lost += proxy.lost();
        assert_the_log_is_true(&post, &company);
        proxy.lose_answers(0, 0);
        if said.code != Some(0) {
            wait_for_leases(&company);
        }
        poll_until_quiet(&company);
        assert_all_sent_once(&post, &company, CUSTOMERS);
    }
    assert!(lost >= 10, "only {lost} answers were lost");
}

#[test]
fn a_database_that_is_away_stops_sending_and_when_it_is_back_it_goes_on_by_itself_without_a_doubt() {
    const CUSTOMERS: usize = 300;
    let post = Post::open(Script { thinks: Duration::from_millis(5), ..Script::offering(&["PIPELINING"]) });
    let mut company = company(&post, CUSTOMERS);
    let proxy = through_a_proxy(&mut company);
    let child = company.begin_poll_at(MORNING);
    for goal in [30, 90, 150] {
        wait_until("some were sent", || post.accepted().len() >= goal);
        proxy.close();
        // What was on its way is still taken; nothing else is begun.
        wait_until("the relay has nothing to do", || {
            let before = post.accepted().len();
            std::thread::sleep(Duration::from_millis(300));
            post.accepted().len() == before
        });
        let before = post.accepted().len();
        assert!(before < CUSTOMERS, "it was too quick for this test");
        std::thread::sleep(Duration::from_millis(1_500));
        assert_eq!(post.accepted().len(), before, "nothing is begun while the database is away");
        proxy.open();
    }
    let said: Said = child.finish();
    // The lease may have run out meanwhile; then the next poll sends the rest.
    poll_until_quiet(&company);
    assert_all_sent_once(&post, &company, CUSTOMERS);
    assert!(said.code.is_some(), "{said:#?}");
}

#[test]
fn a_server_that_crashes_and_is_started_again_costs_the_daemon_nothing() {
    const CUSTOMERS: usize = 200;
    let server = Server::start();
    let post = Post::open(Script { thinks: Duration::from_millis(5), ..Script::offering(&["PIPELINING"]) });
    let mut company = a_company_on(server.database())
        .with_timetable(&timetable_for_now())
        .with_relay(post.port)
        .with_settings("\n[poll]\nschedule = [\"0 0 1 1 *\"]\n");
    for number in 0..CUSTOMERS {
        company.given_an_invoice(&format!("I-{number}"), &format!("C-{number}"), &three_days_ago());
    }
    company.import();
    plan_and_send_nothing(&company);
    let daemon = Daemon::start(&company, "a");
    for goal in [20, 100] {
        wait_until("some were sent", || post.accepted().len() >= goal);
        server.crash();
        std::thread::sleep(Duration::from_millis(500));
        server.start_again();
    }
    wait_until("the rest was sent", || post.accepted().len() >= CUSTOMERS);
    wait_until("the log knows", || states(&company).get("sent") == Some(&CUSTOMERS));
    assert_all_sent_once(&post, &company, CUSTOMERS);
    assert_eq!(daemon.stop(), Some(0));
}

/// Plans, and is told to stop as soon as that is done.
fn plan_and_send_nothing(company: &Company) {
    let mut command = company.command(&["run", "--once", "--format", "json"]);
    let child = Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let planned = "SELECT count(*) AS n FROM contact";
    wait_until("it is planned", || state::numbers(&company.database(), planned)[0] > 0);
    signal(&child, "TERM");
    child.finish();
}

#[test]
fn connections_that_the_server_ends_again_and_again_lose_nothing_and_double_nothing() {
    const CUSTOMERS: usize = 600;
    let post = Post::open(Script { thinks: Duration::from_millis(5), ..Script::offering(&["PIPELINING"]) });
    let company = company(&post, CUSTOMERS);
    let child = company.begin_poll_at(MORNING);
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE application_name = 'dunningd' AND datname = current_database()";
    let ended = std::thread::scope(|scope| {
        let ends = scope.spawn(|| child.finish());
        let mut ended = 0;
        wait_until("it has ended", || {
            if post.accepted().len() >= 20 {
                ended += company.server().sql(end).parse::<usize>().unwrap();
            }
            std::thread::sleep(Duration::from_millis(100));
            ends.is_finished()
        });
        ended
    });
    assert!(ended >= 5, "only {ended} connections were ended");
    wait_for_leases(&company);
    poll_until_quiet(&company);
    assert_all_sent_once(&post, &company, CUSTOMERS);
}

#[test]
fn a_database_that_says_nothing_holds_sending_up_and_nothing_else() {
    // A transaction of somebody else's holds the end of the log: intents wait, and nothing is sent meanwhile.
    let gate = Gate::shut();
    let post = Post::open(Script::default().once(At::Greeting, Act::Wait(gate.clone())));
    let company = company(&post, 5);
    let child = company.begin_poll_at(MORNING);
    wait_until("it is connecting", || post.connections() > 0);
    let url = company.server().url();
    let holder = std::thread::spawn(move || {
        TestDatabase::sql_at(&url, "BEGIN; SELECT 1 FROM log_head FOR UPDATE; SELECT pg_sleep(3); COMMIT")
    });
    std::thread::sleep(Duration::from_millis(500));
    gate.open();
    let said = child.finish();
    holder.join().unwrap().unwrap();
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert_all_sent_once(&post, &company, 5);
}

#[test]
fn a_relay_whose_connections_are_cut_again_and_again_gets_nothing_twice() {
    const CUSTOMERS: usize = 200;
    let post = Post::open(Script { thinks: Duration::from_millis(5), ..Script::offering(&["PIPELINING"]) });
    let company = company(&post, CUSTOMERS);
    let way = Proxy::to(To::Port(post.port));
    let company = company.with_relay(way.port);
    let child = company.begin_poll_at(MORNING);
    std::thread::scope(|scope| {
        let ends = scope.spawn(|| child.finish());
        wait_until("it has ended", || {
            way.cut();
            std::thread::sleep(Duration::from_millis(60));
            ends.is_finished()
        });
    });
    assert_the_log_is_true(&post, &company);
    assert!(!states(&company).contains_key("sending"), "{:?}", states(&company));
}
