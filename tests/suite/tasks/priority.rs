//! The order of the worklist: who comes first, why, and what becomes of a call about what was paid.

use super::*;

/// Imports these rows beside what is there.
fn import(company: &Company, what: &str, rows: &str) {
    let header = match what {
        "invoices" => "id,customer_id,issue_date,due_date,currency,total\n",
        "payments" => "id,customer_id,invoice_id,received_on,amount,currency\n",
        _ => "id,name,email,collector,rank,credit_limit\n",
    };
    std::fs::write(company.path("more.csv"), format!("{header}{rows}")).unwrap();
    company.run(&["import", &format!("--{what}"), "more.csv"]).exits(0);
}

fn leads(items: &[Value]) -> Vec<&str> {
    items.iter().map(|t| text(t, "lead")).collect()
}

#[test]
fn who_was_never_heard_from_is_called_before_the_larger_sum_of_who_talks() {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2"), ("I-3", "C-3")]);
    import(&company, "invoices", "L,C-1,2026-02-01,2026-02-28,USD,90000.00\nM,C-3,2026-02-01,2026-02-28,USD,90000.00\n");
    company.poll_at(&day(4));
    let before = tasks(&company, 4, &[]);
    assert_eq!(text(before.last().unwrap(), "lead"), "I-2", "nobody has talked: the larger sums come first");
    let called = task(&company, 4, "phone", "I-1");
    done(&company, 4, &called, &["--result", "reached", "--note", "looks into it"]).exits(0);
    company.run_at(&day(4), &["promise", "--invoice", "M", "--by", "2026-03-20"]).exits(0);
    let after = tasks(&company, 4, &[]);
    assert_eq!(text(&after[0], "lead"), "I-2");
    let number = |t: &Value| t["priority"].as_f64().unwrap();
    assert!(after.windows(2).all(|w| number(&w[0]) >= number(&w[1])), "{after:#?}");
    assert!(number(&after[0]) > number(&after[1]), "{after:#?}");
}

#[test]
fn the_number_is_explained_with_figures_from_the_books_and_can_be_computed_by_hand() {
    let company = with_invoices(&[("I-1", "C-1")]);
    import(&company, "customers", "C-1,Weber & Söhne,ap@c-1.example,ada@us.example,D,50\n");
    import(&company, "invoices", "L,C-1,2026-02-01,2026-01-15,USD,2000.00\n");
    company.poll_at(&day(4));
    let id = task(&company, 4, "phone", "I-1");
    let said = company.run_at(&day(6), &["tasks", "explain", &id]).exits(0);
    for there in [
        "Weber & Söhne, C-1; about I-1",
        "the oldest invoice is 50 days past due: 31-60",
        "rank D",
        "never heard from since the oldest open invoice was issued on 2026-02-01",
        "2100.00 USD to talk about: medium",
        "2100.00 USD open, more than the limit of 50",
        "2 × 2 × 4 × 1.5 × 1 × 1 × 1.5 × 1 = 36",
        "2 days ago: overdue tasks come before all others",
    ] {
        assert!(said.out.contains(there), "{there:?} is not in\n{}", said.out);
    }
    let json = company.run_at(&day(6), &["tasks", "explain", &id, "--format", "json"]).exits(0).json().remove(0);
    let product: f64 = json["factors"].as_array().unwrap().iter().map(|f| f["times"].as_f64().unwrap()).product();
    assert_eq!((product, json["priority"].as_f64()), (36.0, Some(36.0)));
    assert_eq!(tasks(&company, 6, &[])[0]["priority"], 36);
    company.run_at(&day(6), &["tasks"]).exits(0).says("PRIORITY").says(" 36 ");
    company.run_at(&day(6), &["tasks", "show", &id]).exits(0).says("priority 36");
    company.run_at(&day(6), &["tasks", "explain", "01J"]).exits(2).says("there is no task 01J");
}

#[test]
fn the_file_says_what_counts_how_much() {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2")]);
    import(&company, "customers", "C-1,One,ap@c-1.example,,A,\nC-2,Two,ap@c-2.example,,D,\n");
    company.poll_at(&day(4));
    assert_eq!(leads(&tasks(&company, 4, &[])), ["I-2", "I-1"]);
    let company = company.with_steps("[priority]\nrank = { A = 3, D = 1 }\n");
    assert_eq!(leads(&tasks(&company, 4, &[])), ["I-1", "I-2"]);
}

#[test]
fn a_call_about_what_was_paid_meanwhile_comes_last_and_is_not_tried_again() {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2")]);
    company.poll_at(&day(4));
    import(&company, "payments", "P-1,C-1,I-1,2026-03-05,100.00,USD\n");
    let all = tasks(&company, 6, &[]);
    assert_eq!(leads(&all), ["I-2", "I-1"], "both are overdue, and no poll has seen the payment");
    assert_eq!((&all[1]["settled"], &all[1]["priority"], &all[1]["open_now"]), (&true.into(), &0.into(), &serde_json::json!({})));
    company.run_at(&day(6), &["tasks"]).exits(0).says("paid").says("none");
    let (paid, open) = (task(&company, 6, "phone", "I-1"), task(&company, 6, "phone", "I-2"));
    company.run_at(&day(6), &["tasks", "explain", &paid]).exits(0).says("comes after all others");
    let said = company.run_at(&day(6), &["tasks", "done", &paid, &open, "--result", "voicemail"]).exits(0);
    assert!(said.out.contains("there is no next try"), "{}", said.out);
    assert_eq!(leads(&tasks(&company, 6, &[])), ["I-2"], "one next try, of what is open");
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn the_digest_has_the_order_of_the_worklist() {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2"), ("I-3", "C-3")]);
    let (a, b, c) = (
        "C-1,One,ap@c-1.example,ada@us.example,A,\n",
        "C-2,Two,ap@c-2.example,ada@us.example,D,\n",
        "C-3,Three,ap@c-3.example,ada@us.example,B,\n",
    );
    import(&company, "customers", &format!("{a}{b}{c}"));
    company.poll_at(&day(4));
    import(&company, "payments", "P-1,C-3,I-3,2026-03-04,100.00,USD\n");
    let ids = |items: &[Value], key: &str| -> Vec<String> { items.iter().map(|t| text(t, key).to_owned()).collect() };
    let list = tasks(&company, 5, &["list", "--due", "today"]);
    assert_eq!(leads(&list), ["I-2", "I-1", "I-3"]);
    let digest = company.run_at(&day(5), &["digest", "--to", "ada@us.example", "--format", "json"]).json().remove(0);
    let tasks = digest["tasks"].as_array().unwrap();
    assert_eq!(ids(tasks, "id"), ids(&list, "contact"));
    assert_eq!(tasks.iter().map(|t| t["settled"].as_bool().unwrap()).collect::<Vec<_>>(), [false, false, true]);
}
