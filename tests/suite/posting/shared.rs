//! One e-mail for customers that share an address (T22).

use super::*;

/// Three customers, two of which have one address.
fn a_company_that_shares(post: &Post) -> Company {
    let timetable = TIMETABLE.replace("quiet_days = 3", "quiet_days = 3\nmerge = \"address\"");
    let mut company = a_company().with_timetable(&timetable).with_relay(post.port);
    for (customer, address) in [("C-1", "ap@group.example"), ("C-2", "ap@group.example"), ("C-3", "ap@other.example")] {
        company.given_a_customer(customer, address);
    }
    for (invoice, customer) in [("I-1", "C-1"), ("I-2", "C-2"), ("I-3", "C-1"), ("I-4", "C-3")] {
        company.given_an_overdue_invoice(invoice, customer);
    }
    company.import();
    company
}

#[test]
fn customers_that_share_an_address_get_one_email_which_is_found_under_each_of_them() {
    let post = Post::kind();
    let company = a_company_that_shares(&post);
    assert_eq!(company.poll_at(MORNING).code, Some(0));
    assert_the_log_says_what_the_relay_knows(&company, &post);
    let taken = post.accepted();
    assert_eq!(taken.len(), 2);
    let both = taken.iter().find(|a| a.to == ["ap@group.example"]).unwrap();
    // By customer, and named, since there are several.
    let text_of = String::from_utf8_lossy(&both.message).into_owned();
    let order: Vec<usize> = ["Customer C-1", "I-1", "I-3", "Customer C-2", "I-2"]
        .iter()
        .scan(text_of.find("Invoice").unwrap_or(0), |from, word| {
            *from += text_of[*from..].find(word).unwrap_or_else(|| panic!("no {word} after {from} in {text_of}"));
            Some(*from)
        })
        .collect();
    assert!(order.is_sorted(), "{text_of}");
    for customer in ["C-1", "C-2"] {
        let log = company.run(&["log", "--customer", customer, "--format", "json"]).exits(0).json();
        assert_eq!(log.len(), 1, "{log:#?}");
        let customers: Vec<&str> = log[0]["invoices"].as_array().unwrap().iter().map(|i| text(i, "customer")).collect();
        assert_eq!(customers, ["C-1", "C-2", "C-1"]);
    }
    let said = company.run_at(MORNING, &["explain", "I-2"]).exits(0).out;
    assert!(said.contains("done"), "{said}");
}

#[test]
fn what_is_held_or_moved_away_before_the_next_try_is_taken_out_and_the_rest_leaves() {
    let post = Post::open(Script::default().once(At::Rcpt, say("451 4.3.0 later")).once(At::Rcpt, say("451 4.3.0 later")));
    let mut company = a_company_that_shares(&post);
    company.poll_at(MORNING);
    company.run_at("2026-03-04T09:30:00-05:00", &["hold", "--invoice", "I-1", "--reason", "asked"]).exits(0);
    company.given_a_customer("C-2", "ap@elsewhere.example");
    company.import();
    company.poll_at("2026-03-04T12:00:00-05:00");
    let taken = post.accepted();
    let to_group: Vec<_> = taken.iter().filter(|a| a.to == ["ap@group.example"]).collect();
    assert_eq!(to_group.len(), 1);
    let said = String::from_utf8_lossy(&to_group[0].message).into_owned();
    assert!(said.contains("I-3") && !said.contains("I-1") && !said.contains("I-2") && !said.contains("C-2"), "{said}");
    assert_the_log_says_what_the_relay_knows(&company, &post);
}

#[test]
fn check_says_how_many_addresses_are_shared() {
    let post = Post::kind();
    let company = a_company_that_shares(&post);
    let said = company.run_at(MORNING, &["check", "--effective"]);
    let all = said.out + &said.err;
    assert!(all.contains("1 address is shared by 2 customers: they get one e-mail together"), "{all}");
}
