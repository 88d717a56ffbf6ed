//! The relay's limits hold over all daemons and over restarts (D6).

use std::time::Duration;

use super::*;
use crate::support::company::signal;
use crate::support::relay::Script;

#[test]
fn no_more_leave_in_a_minute_than_allowed_however_many_daemons_there_are_and_however_often_they_start() {
    let post = Post::open(Script { thinks: Duration::from_millis(5), ..Script::offering(&["PIPELINING"]) });
    let company = company(&post, 450).with_relay_settings(&format!(
        "host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 6\nmax_per_minute = 12\n",
        post.port
    ));
    // More than one of them claims ahead.
    for (minute, most) in [("09:00:00", 12), ("09:00:30", 12), ("09:01:05", 24), ("09:02:10", 36)] {
        for _ in 0..2 {
            let now = format!("2026-03-04T{minute}-05:00");
            let daemons = [(); 3].map(|()| company.begin_poll_at(&now));
            wait_until("so many were sent", || post.accepted().len() >= most || minute == "09:00:30");
            std::thread::sleep(Duration::from_millis(1_500));
            for daemon in daemons {
                signal(&daemon, "TERM");
                daemon.finish();
            }
            assert_eq!(post.accepted().len(), most, "{minute}: {most} in all, for all daemons");
        }
    }
    assert_the_log_is_true(&post, &company);
}

#[test]
fn the_connections_are_shared_out_between_the_daemons() {
    let post = Post::open(Script { thinks: Duration::from_millis(10), ..Script::offering(&["PIPELINING"]) });
    let company = company(&post, 450);
    let daemons = [(); 3].map(|()| company.begin_poll_at(MORNING));
    wait_until("all is sent", || post.accepted().len() >= 200);
    for daemon in daemons {
        daemon.finish();
    }
    poll_until_quiet(&company);
    assert!(post.most_open() <= 3, "{} connections at once, and `max_connections` is 3", post.most_open());
    assert_all_sent_once(&post, &company, 450);
}

#[test]
fn no_more_leave_in_a_day_than_allowed_however_many_daemons_there_are_and_however_often_they_start() {
    let post = Post::open(Script::offering(&["PIPELINING"]));
    let company = company(&post, 40).with_relay_settings(&format!(
        "host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 6\nmax_per_day = 12\n",
        post.port
    ));
    // A day is 24 hours back from now, whatever the date.
    for (now, most) in [("04T09:00:00", 12), ("04T16:00:00", 12), ("05T08:59:00", 12), ("05T09:01:00", 24), ("06T09:02:00", 36)] {
        let daemons = [(); 3].map(|()| company.begin_poll_at(&format!("2026-03-{now}-05:00")));
        daemons.into_iter().for_each(|daemon| {
            daemon.finish();
        });
        assert_eq!(post.accepted().len(), most, "{now}: {most} in all, for all daemons");
    }
    let said = company.run_at("2026-03-06T09:05:00-05:00", &["run", "--once"]);
    assert!(said.err.contains("`max_per_day` of [relay] is reached"), "{said:#?}");
    assert_the_log_is_true(&post, &company);
}
