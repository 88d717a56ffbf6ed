//! Windows of customers elsewhere (T5).

use super::*;

/// New York's evening is the next morning in Tokyo.
const EVENING: &str = "2026-03-04T19:00:00-05:00";

fn with_a_customer_in_japan(post: &Post) -> Company {
    let window = "\n[[customer_window]]\ncountries = \"JP\"\ntime_zone = \"Asia/Tokyo\"\n";
    let mut company = owed_by(post, &["C-1", "C-2"]).with_timetable(&format!("{TIMETABLE}{window}"));
    company.given_a_customer("C-2", "ap@c-2.example");
    let customers = company.path("japan.csv");
    std::fs::write(&customers, "id,name,email,country\nC-2,Two,ap@c-2.example,JP\n").unwrap();
    company.run(&["import", "--customers", customers.to_str().unwrap()]).exits(0);
    company
}

#[test]
fn an_email_waits_for_the_window_of_its_customer() {
    let post = Post::kind();
    let company = with_a_customer_in_japan(&post);
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent"]);
    let said = company.run_at(MORNING, &["explain", "I-2", "--format", "json"]);
    said.says("the customer's window, 08:00 to 17:30 in Asia/Tokyo, of a business day (T5)");
    company.run(&["timetable"]).says("E-mails to customers of JP leave 08:00 to 17:30, Asia/Tokyo.");
    assert_eq!(company.poll_at(EVENING).states(), ["C-2: sent"]);
    assert_eq!(post.accepted().len(), 2);
    // The schedule polls by day only.
    company.run(&["check", "--offline"]).exits(2).says("no poll falls into the `customer_window`");
    let company = company.with_settings("\n[poll]\nschedule = [\"0 9,19 * * *\"]\n");
    company.run(&["check", "--offline"]).exits(0);
}

#[test]
fn what_is_to_be_tried_again_waits_for_that_window_too() {
    let post = Post::open(Script::default().once(At::Rcpt, say("451 4.3.0 later")));
    let company = with_a_customer_in_japan(&post);
    company.run(&["hold", "--invoice", "I-1", "--reason", "test"]).exits(0);
    assert_eq!(company.poll_at(EVENING).states(), ["C-2: retrying"]);
    let polled = company.poll_at("2026-03-05T09:00:00-05:00");
    assert_eq!(polled.states(), ["C-2: cancelled"], "{polled:#?}");
    let contact = emails(&company).remove(0);
    assert_eq!((text(&contact, "reason"), text(&contact, "rule")), ("window", "T5"));
    assert_eq!(company.poll_at("2026-03-05T19:00:00-05:00").states(), ["C-2: sent"]);
    assert_eq!(post.accepted().len(), 1);
}
