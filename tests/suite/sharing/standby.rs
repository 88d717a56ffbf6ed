//! A standby that takes over: it may not have all that was committed, and nothing is sent by a log with a gap (D7, D16).

use super::*;
use crate::support::postgres::Server;

/// The day of the second step.
const LATER: &str = "2026-03-10T09:00:00-04:00";

#[test]
fn a_standby_that_lacks_what_was_committed_last_sends_nothing_before_a_person_says_so() {
    let primary = Server::start();
    let post = Post::kind();
    let mut company = company_on(primary.database(), &post, 1);
    assert_eq!(company.poll_at(MORNING).states(), ["C-0: sent"]);
    let standby = primary.standby();
    // The connection to the primary is gone, and then the primary itself.
    standby.sql("ALTER SYSTEM SET primary_conninfo = ''");
    standby.sql("SELECT pg_reload_conf()");
    wait_until("it does not follow any more", || standby.sql("SELECT count(*) FROM pg_stat_wal_receiver") == "0");
    wait_for_leases(&company);
    assert_eq!(company.poll_at(LATER).states(), ["C-0: sent"]);
    let url = standby.url_of(company.server());
    company.reaches_its_database_by(&url);
    let said = company.run_at(LATER, &["run", "--once"]);
    assert!(said.code == Some(2) && said.err.contains("read-only"), "it only follows: {said:#?}");
    primary.crash();
    assert_eq!(standby.sql("SELECT pg_promote()"), "t");
    for _ in 0..2 {
        let polled = company.poll_at(LATER);
        let problems = polled.poll["problems"].to_string();
        assert!(polled.code == Some(1) && problems.contains("went back in time (D16)"), "{polled:#?}");
        assert_eq!(post.accepted().len(), 2, "what it does not know of is not sent again by itself");
    }
    assert_eq!(company.poll_with(&LATER.replace("09:00", "09:10"), &["--accept-gap"]).states(), ["C-0: sent"]);
    assert_eq!(post.accepted().len(), 3);
}
