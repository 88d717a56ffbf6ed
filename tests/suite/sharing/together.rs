//! Daemons that poll the same slots: one plans, all deliver.

use super::*;
use crate::support::company::Running;
use crate::support::daemon::{Daemon, three_days_ago, timetable_for_now};
use crate::support::relay::Script;

/// A company whose daemons poll every minute, by the machine's clock.
fn by_the_clock(post: &Post, customers: usize) -> Company {
    let mut company = a_company_on(TestDatabase::make())
        .with_timetable(&timetable_for_now())
        .with_relay(post.port)
        .with_database("lease = \"6s\"\n")
        .with_settings("\n[poll]\nschedule = [\"* * * * *\"]\n");
    let due = three_days_ago();
    for number in 0..customers {
        company.given_an_invoice(&format!("I-{number}"), &format!("C-{number}"), &due);
    }
    company.import();
    company
}

#[test]
fn of_two_daemons_one_plans_a_slot_both_send_and_everything_is_sent_once() {
    let post = Post::open(Script { thinks: std::time::Duration::from_millis(40), ..Script::offering(&["PIPELINING"]) });
    let company = by_the_clock(&post, 450);
    let daemons = ["a", "b"].map(|name| Daemon::start(&company, name));
    wait_until("everything was sent", || post.accepted().len() >= 450);
    wait_until("the log knows", || states(&company).get("sent") == Some(&450));
    let slots = "SELECT count(*) AS n FROM poll WHERE slot IS NOT NULL GROUP BY slot";
    assert!(state::numbers(&company.database(), slots).iter().all(|n| *n == 1), "a slot is polled once");
    for daemon in &daemons {
        assert!(
            daemon.has_said("sent what was waiting") || daemon.has_said("\"contacts.sent\":"),
            "both work: {:#?}",
            daemon.said()
        );
    }
    assert!(post.most_open() <= 3, "`max_connections` is for both together");
    assert_all_sent_once(&post, &company, 450);
    for daemon in daemons {
        assert_eq!(daemon.stop(), Some(0));
    }
}

#[test]
fn of_two_daemons_with_different_timetables_only_the_older_one_plans() {
    let post = Post::kind();
    let company = by_the_clock(&post, 2);
    let first = Daemon::start(&company, "a");
    let timetable = company.path("config/timetable.toml");
    let other = std::fs::read_to_string(&timetable).unwrap().replace("days = 3", "days = 2");
    std::fs::write(&timetable, other).unwrap();
    let second = Daemon::start(&company, "b");
    let once = company.run(&["run", "--once"]);
    once.exits(2).says("works by another timetable.toml");
    wait_until("the second one is asked to plan", || second.has_said("works by another timetable.toml"));
    wait_until("the first one has planned", || first.has_said("polled"));
    wait_until("all was sent", || post.accepted().len() == 2);
    assert!(!second.has_said("\"polled\""), "{:#?}", second.said());
    assert_eq!(first.stop(), Some(0));
    assert_eq!(second.stop(), Some(0));
}

#[test]
fn a_planner_whose_connection_dies_leaves_no_half_of_a_plan_and_the_next_one_plans_it_all() {
    let post = Post::kind();
    let company = company(&post, 50);
    let database = company.server();
    let url = database.url();
    let holder = std::thread::spawn(move || {
        // Whoever plans waits for the end of the log before it commits.
        TestDatabase::sql_at(&url, "BEGIN; SELECT 1 FROM log_head FOR UPDATE; SELECT pg_sleep(60); COMMIT")
    });
    let child: Running = company.begin_poll_at(MORNING);
    let waiting = "SELECT pid FROM pg_stat_activity WHERE application_name = 'dunningd' AND wait_event_type = 'Lock'
                   AND datname = current_database()";
    wait_until("the planner waits", || !database.sql(waiting).is_empty());
    // Another one does not plan meanwhile.
    let other = company.run_at(MORNING, &["run", "--once"]);
    assert!(other.out.is_empty(), "{other:#?}");
    other.exits(3).says("planning");
    database.sql(&format!("SELECT pg_terminate_backend(pid) FROM ({waiting}) w"));
    let said = child.finish();
    assert_eq!(said.code, Some(2), "{said:#?}");
    database
        .sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()");
    let _ = holder.join();
    assert_eq!(company.log().len(), 0, "nothing of the plan is in the log");
    assert_eq!(company.poll_at(MORNING).code, Some(0));
    assert_all_sent_once(&post, &company, 50);
}

#[test]
fn of_two_daemons_one_writes_the_digest_and_the_forewarning_and_what_is_approved_leaves_once() {
    let post = Post::kind();
    let asking = timetable_for_now().replace("days = 3", "days = 3\napprove = true");
    let mut company = a_company_on(TestDatabase::make())
        .with_all_templates()
        .with_timetable(&asking)
        .with_relay(post.port)
        .with_database("lease = \"6s\"\n");
    for number in 0..20 {
        company.given_an_invoice(&format!("I-{number}"), &format!("C-{number}"), &three_days_ago());
    }
    company.import();
    company.run(&["run", "--once"]).exits(0);
    assert_eq!(states(&company), BTreeMap::from([("planned".to_owned(), 20)]));
    // Their hour has come, whichever it is.
    let told = format!("{asking}\n[approval]\nat = \"00:00\"\nto = \"ops@us.example\"\n");
    let company = company.with_timetable(&told).with_settings("\n[digest]\nat = \"00:00\"\nmanager = \"boss@us.example\"\n");
    let daemons = ["a", "b"].map(|name| Daemon::start(&company, name));
    wait_until("both letters were sent", || post.accepted().len() >= 2);
    let letters = |post: &Post| taken(post).into_iter().collect::<Vec<_>>();
    assert_eq!(letters(&post), [("boss@us.example".to_owned(), 1), ("ops@us.example".to_owned(), 1)]);
    company.run(&["approve", "--all"]).exits(0).says("20 approved");
    wait_until("all was sent", || post.accepted().len() >= 22);
    wait_until("the log knows", || states(&company).get("sent") == Some(&22));
    assert_all_sent_once(&post, &company, 22);
    for daemon in daemons {
        assert_eq!(daemon.stop(), Some(0));
    }
    company.run(&["log", "--verify"]).exits(0);
}
