//! The envelope and the headers that the configuration adds: the return path, reports, and where to ask for no more mail.

use super::*;
use crate::support::company::text;

const LATER: &str = "2026-03-04T09:06:00-05:00";

#[test]
fn each_contact_has_a_return_path_of_its_own_and_keeps_it_on_every_try() {
    // A relay that greylists knows a message again by its sender.
    let post = Post::open(Script::offering(&[]).once(At::Rcpt, say("451 4.7.1 greylisted")));
    let company = owed_by(&post, &["C-1"]).with_company("return_path = \"bounce@us.example\"\n");
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying"]);
    assert_eq!(company.poll_at(LATER).states(), ["C-1: sent"]);
    let own = format!("bounce+{}@us.example", text(&company.contact(), "contact"));
    let senders: Vec<_> = post.commands().into_iter().filter(|c| c.starts_with("MAIL")).collect();
    assert_eq!(senders, vec![format!("MAIL FROM:<{own}>"); 2]);
    assert_eq!((post.only().from, post.only().header("From")), (own, "\"Us Inc.\" <ar@us.example>".to_owned()));
}

#[test]
fn without_verp_the_return_path_is_used_as_it_is() {
    let post = Post::kind();
    let company = owed_by(&post, &["C-1", "C-2"]).with_company("return_path = \"bounce@us.example\"\nverp = false\n");
    company.poll_at(MORNING);
    assert!(post.accepted().len() == 2 && post.accepted().iter().all(|a| a.from == "bounce@us.example"));
}

#[test]
fn a_return_path_that_leaves_no_room_for_an_id_is_refused() {
    let post = Post::kind();
    let long = format!("return_path = \"{}@us.example\"\n", "b".repeat(38));
    let company = owed_by(&post, &["C-1"]).with_company(&long);
    for command in [&["check", "--offline"][..], &["run", "--once"], &["send-test", "a@x.example"]] {
        company.run_at(MORNING, command).exits(2).says("[company] return_path").says("at most 37 characters");
    }
    assert!(!post.heard("MAIL"));
    let company = company.with_company(&format!("{long}verp = false\n"));
    company.run_at(MORNING, &["check", "--offline"]).exits(0);
    company.poll_at(MORNING);
    assert_eq!(post.only().from.len(), 38 + "@us.example".len());
}

#[test]
fn a_relay_that_can_report_is_asked_to_under_the_contacts_id() {
    for offers in [&["DSN"][..], &["PIPELINING", "DSN"]] {
        let post = Post::open(Script::offering(offers));
        let company = owed_by(&post, &["C-1"]);
        company.poll_at(MORNING);
        let id = company.contact();
        let envelope: Vec<_> = post.commands().into_iter().filter(|c| c.starts_with("MAIL") || c.starts_with("RCPT")).collect();
        let mail = format!("MAIL FROM:<ar@us.example> RET=HDRS ENVID={}", text(&id, "contact"));
        assert_eq!(envelope, [mail, "RCPT TO:<ap@c-1.example> NOTIFY=FAILURE,DELAY".to_owned()]);
    }
}

#[test]
fn an_unsubscribe_header_is_there_only_if_configured_and_only_for_customers() {
    let post = Post::kind();
    let notice = "\n[[step]]\nid = \"tell\"\nnotify = \"past-due\"\nto = \"boss@us.example\"\ndays = 3\n";
    let company = owed_by(&post, &["C-1"]).with_steps(notice);
    company.poll_at(MORNING);
    assert!(post.accepted().len() == 2 && post.accepted().iter().all(|a| a.headers("List-Unsubscribe").is_empty()));
    for (line, one_click) in
        [("https://us.example/stop?c={contact}", true), ("mailto:ar@us.example?subject=stop-{contact}", false)]
    {
        let post = Post::kind();
        let company = owed_by(&post, &["C-1"]).with_steps(notice).with_company(&format!("list_unsubscribe = \"{line}\"\n"));
        company.poll_at(MORNING);
        for message in post.accepted() {
            let to_customer = message.to == ["ap@c-1.example"];
            let wanted = format!("<{}>", line.replace("{contact}", &message.header("X-Dunningd-Contact")));
            let post_header = "List-Unsubscribe=One-Click".to_owned();
            assert_eq!(message.headers("List-Unsubscribe"), if to_customer { vec![wanted] } else { vec![] });
            assert_eq!(
                message.headers("List-Unsubscribe-Post"),
                if to_customer && one_click { vec![post_header] } else { vec![] }
            );
        }
        assert_eq!(post.accepted().len(), 2);
    }
}

#[test]
fn an_unsubscribe_address_that_is_neither_https_nor_mailto_is_refused_at_its_place() {
    let company = a_company().with_company("list_unsubscribe = \"http://us.example/stop\"\n");
    let said = company.run(&["check", "--offline"]).exits(2);
    assert!(said.err.contains("dunningd.toml:") && said.err.contains("neither an https: address"), "{said:#?}");
}

#[test]
fn a_template_sees_nothing_of_the_envelope() {
    let company = a_company().with_company("return_path = \"bounce@us.example\"\n");
    std::fs::write(company.path("config/templates/en/past-due/subject.txt"), "{{ company.return_path }}").unwrap();
    company.run(&["check", "--offline"]).exits(2).says("return_path");
}
