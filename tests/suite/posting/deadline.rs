//! The new deadline that a step sets (`pay_within`).

use super::*;

#[test]
fn a_deadline_is_printed_as_a_date_and_told_where_the_timetable_is_explained() {
    let post = Post::kind();
    let with = |pay_within: &str| TIMETABLE.replace("email = \"past-due\"\n", &format!("email = \"last\"\n{pay_within}"));
    let mut company = a_company().with_relay(post.port).with_timetable(&with("pay_within = 4\n"));
    let folder = company.path("config/templates/en/last");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("subject.txt"), "Last").unwrap();
    std::fs::write(folder.join("body.txt"), "{% if pay_by %}by {{ pay_by | date }}{% else %}soon{% endif %}").unwrap();
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    // Four days after Wednesday the 4th is a Sunday.
    company.run_at(MORNING, &["explain", "I-1"]).says("It asks to pay by Mon 9 Mar (pay_within of `past-due`).");
    company.run(&["timetable"]).says("e-mail last, to pay within 4");
    assert_eq!(company.run(&["timetable", "--format", "json"]).json()[0]["steps"][0]["pay_within"], 4);
    company.run(&["check", "--offline", "--rules"]).says("It asks to pay within 4 days of its own day.");
    let preview = ["preview", "past-due", "--invoice", "I-1", "--as", "text"];
    company.run_at(MORNING, &preview).exits(0).says("by March 9, 2026");
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent"]);
    assert!(post.accepted()[0].text().contains("by March 9, 2026"), "{}", post.accepted()[0].text());

    std::fs::write(folder.join("body.txt"), "soon").unwrap();
    company.run(&["check", "--offline"]).says("the template `last` in `en` does not print the deadline of `past-due`");
    let company = company.with_timetable(&with(""));
    std::fs::write(folder.join("body.txt"), "{% if pay_by %}by {{ pay_by }}{% else %}soon{% endif %}").unwrap();
    company.run_at(MORNING, &preview).exits(0).says("soon");
}
