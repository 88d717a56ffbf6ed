//! The server takes a transaction back because of another one (40001, 40P01): it is done again, and nothing is sent twice.

use std::time::Duration;

use super::*;
use crate::support::relay::Script;

/// Every seventh statement that changes contacts is such a conflict; a sequence counts on in what is taken back.
const CONFLICTS: [&str; 3] = [
    "CREATE SEQUENCE trips",
    "CREATE FUNCTION trip() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE n BIGINT := nextval('trips');
     BEGIN
         IF n % 14 = 0 THEN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF;
         IF n % 14 = 7 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF;
         RETURN NULL;
     END $$",
    "CREATE TRIGGER trip AFTER UPDATE ON contact FOR EACH STATEMENT EXECUTE FUNCTION trip()",
];

#[test]
fn transactions_that_the_server_takes_back_again_and_again_lose_nothing_and_double_nothing() {
    const CUSTOMERS: usize = 300;
    let post = Post::open(Script { thinks: Duration::from_millis(2), ..Script::offering(&["PIPELINING"]) });
    let company = company(&post, CUSTOMERS);
    for statement in CONFLICTS {
        company.server().sql(statement);
    }
    let mut polls = 0;
    while states(&company) != BTreeMap::from([("sent".to_owned(), CUSTOMERS)]) {
        let said = company.run_at(MORNING, &["run", "--once", "--format", "json"]);
        assert!(polls < 40, "after {polls} polls: {:?}, {said:#?}", states(&company));
        assert_the_log_is_true(&post, &company);
        assert_eq!(states(&company).get("in-doubt"), None, "{said:#?}");
        polls += 1;
    }
    let trips: usize = company.server().sql("SELECT last_value FROM trips").parse().unwrap();
    assert!(trips >= 14, "only {trips} statements: there was no conflict of each kind");
    assert_all_sent_once(&post, &company, CUSTOMERS);
    company.run_at(MORNING, &["log", "--verify"]).exits(0);
}
