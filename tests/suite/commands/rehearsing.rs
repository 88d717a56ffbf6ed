//! `rehearse`: what it plays is what polls would do, and it changes nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

/// Past due, coming due, repeats, tasks, reviews, notices, events, sizes and two segments.
const TIMETABLE: &str = r#"
time_zone = "America/New_York"
send_window = { days = "mon-fri", from = "08:00", to = "17:30" }
quiet_days = 3
grace_days = 8

[sizes]
large = "150"

[[segment]]
name = "fresh"
match = { customer_for_days_below = 30 }

[[segment]]
name = "all"

[[step]]
id = "reminder"
email = "reminder"
days = { all = -5 }

[[step]]
id = "past-due"
email = "past-due"
days = { fresh = 1, all = 3 }

[[step]]
id = "phone"
task = "call"
days = 6

[[step]]
id = "second"
email = "past-due-30"
days = 9
repeat_every = 7
repeat_until = 40

[[step]]
id = "look"
task = "review"
days = 8

[[step]]
id = "thanks"
email = "thank-you"
on = "paid"

[[step]]
id = "broken"
task = "call"
on = "promise_broken"
"#;

fn a_busy_company() -> Company {
    let mut company = a_company().with_timetable(TIMETABLE);
    for n in 0..24 {
        let due = format!("2026-{:02}-{:02}", 2 + (n % 3) / 2, 1 + (n * 5) % 27);
        company.given_an_invoice(&format!("I-{n}"), &format!("C-{}", n % 7), &due);
        if n % 4 == 0 {
            let received = format!("2026-03-{:02}", 1 + n % 28);
            company.given_a_payment(&format!("P-{n}"), &format!("C-{}", n % 7), &format!("I-{n}"), &received);
        }
    }
    company.import();
    let entered = "2026-02-27T12:00:00-05:00";
    company.run_at(entered, &["hold", "--invoice", "I-3", "--until", "2026-03-06", "--reason", "wait"]).exits(0);
    company.run_at(entered, &["promise", "--invoice", "I-5", "--by", "2026-03-10"]).exits(0);
    company.run_at(entered, &["dispute", "--invoice", "I-6", "--reason", "broken"]).exits(0);
    company
}

/// What a contact says, without what each making of it has anew.
fn said(contact: &Value) -> Value {
    let mut contact = contact.clone();
    let object = contact.as_object_mut().unwrap();
    object.remove("contact");
    let id = object.remove("message_id").unwrap();
    object.insert("has_left".to_owned(), json!(id.is_string()));
    let reply = object.remove("relay_reply").unwrap();
    object.insert("accepted".to_owned(), json!(reply.as_str().is_some_and(|r| r.starts_with("250 2.0.0 written to"))));
    contact
}

/// The texts of e-mails, by recipient, subject and day; ids and dates of the making are left out.
fn texts(folder: &std::path::Path) -> Vec<String> {
    let mut texts: Vec<String> = files(folder)
        .into_values()
        .map(|bytes| {
            let text = String::from_utf8(bytes).unwrap();
            let boundary =
                text.lines().find_map(|l| l.split_once("boundary=\"")).map(|(_, b)| b.trim_end_matches('"').to_owned());
            let text = boundary.map_or(text.clone(), |b| text.replace(&b, "BOUNDARY"));
            let own = ["Message-ID:", "Date:", "X-Dunningd-Contact:", "In-Reply-To:", "References:", " <", " boundary"];
            let (mut kept, mut skipped) = (String::new(), 0);
            for line in text.lines() {
                if own.iter().any(|o| line.starts_with(o)) {
                    skipped += 1;
                } else {
                    kept.push_str(line);
                    kept.push('\n');
                }
            }
            format!("{skipped} {kept}")
        })
        .collect();
    texts.sort();
    texts
}

fn lines(company: &Company, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(company.path(file)).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn a_rehearsal_brings_what_the_polls_of_these_days_bring() {
    let company = a_busy_company();
    let before = everything(&company);
    let args = ["rehearse", "--from", "2026-03-02", "--to", "2026-04-05", "--out", "played"];
    company.run(&args).exits(0).says("35 days").says("played/report.html");
    let played = lines(&company, "played/contacts.jsonl");
    let mut after = everything(&company);
    after.0.retain(|name, _| !name.starts_with("played/"));
    assert!(before == after, "it only looks");
    let mut polled = Vec::new();
    for day in 0..35 {
        let (month, day) = if day < 30 { (3, day + 2) } else { (4, day - 29) };
        let zone = if (month, day) < (3, 8) { "-05:00" } else { "-04:00" };
        polled.extend(company.poll_at(&format!("2026-{month:02}-{day:02}T08:00:00{zone}")).contacts);
    }
    let (played_said, polled_said): (Vec<_>, Vec<_>) = (played.iter().map(said).collect(), polled.iter().map(said).collect());
    for (one, other) in played_said.iter().zip(&polled_said) {
        assert_eq!(one, other);
    }
    assert_eq!(played_said.len(), polled_said.len());
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    for c in &played {
        *kinds.entry(format!("{} {} {}", text(c, "kind"), text(c, "state"), text(c, "step"))).or_default() += 1;
    }
    for wanted in ["email sent past-due", "email sent reminder", "email sent second", "email sent thanks", "task open phone"] {
        assert!(kinds.contains_key(wanted), "{kinds:?}");
    }
    assert!(kinds.contains_key("task open look") && kinds.contains_key("task open broken"), "{kinds:?}");
    assert_eq!(texts(&company.path("played/emails")), texts(&company.path("config/outbox")));
}

#[test]
fn it_goes_on_from_what_the_log_has() {
    let company = a_busy_company();
    let first = company.poll_at("2026-03-02T08:00:00-05:00").contacts;
    assert!(!first.is_empty());
    let args = ["rehearse", "--from", "2026-03-03", "--to", "2026-03-06", "--out", "played", "--no-emails"];
    company.run(&args).exits(0);
    assert!(!company.path("played/emails").exists());
    let played = lines(&company, "played/contacts.jsonl");
    let mut polled = Vec::new();
    for day in 3..7 {
        polled.extend(company.poll_at(&format!("2026-03-{day:02}T08:00:00-05:00")).contacts);
    }
    let core = |c: &Value| ["date", "kind", "step", "occurrence", "customer", "state", "invoices"].map(|f| c[f].clone());
    assert_eq!(played.iter().map(core).collect::<Vec<_>>(), polled.iter().map(core).collect::<Vec<_>>());
}

#[test]
fn whoever_pays_as_so_far_is_thanked_and_not_called() {
    let mut company =
        a_company().with_timetable(&TIMETABLE.replace("grace_days = 8", "grace_days = 8\ngo_live = \"2026-01-01\""));
    // This one has always paid four days late, that one never.
    for (id, due, paid) in [("I-1", "2026-02-02", "2026-02-06"), ("I-2", "2026-02-10", "2026-02-14")] {
        company.given_an_invoice(id, "C-1", due);
        company.given_a_payment(&format!("P-{id}"), "C-1", id, paid);
    }
    company.given_an_invoice("I-3", "C-1", "2026-03-09");
    company.given_an_invoice("I-4", "C-1", "2026-02-20");
    company.import();
    let play = |paying: &str, out: &str| {
        let args = ["rehearse", "--from", "2026-03-02", "--to", "2026-03-31", "--paying", paying, "--out", out];
        company.run(&args).exits(0);
        let about = |c: &&Value| text(c, "lead") == "I-3";
        lines(&company, &format!("{out}/contacts.jsonl"))
            .iter()
            .filter(about)
            .map(|c| (text(c, "step").to_owned(), text(c, "date").to_owned()))
            .collect::<Vec<_>>()
    };
    let so_far = play("as-so-far", "a");
    assert!(so_far.contains(&("thanks".to_owned(), "2026-03-13".to_owned())), "{so_far:?}");
    assert!(so_far.iter().all(|(step, _)| step != "phone"), "{so_far:?}");
    let stands = play("as-it-stands", "b");
    assert!(stands.iter().any(|(step, _)| step == "phone") && stands.iter().all(|(step, _)| step != "thanks"), "{stands:?}");
    // Later than it has ever been: nothing is known of that one, and it stays open.
    let page = std::fs::read_to_string(company.path("a/report.html")).unwrap();
    assert!(page.contains("Everybody pays as late as so far"), "{page}");
}

#[test]
fn the_report_is_one_page_with_a_bar_for_each_step_and_day_and_trusts_no_name() {
    let company = a_company();
    let hostile = TIMETABLE.replace("id = \"phone\"", "id = \"<script>alert(1)</script>\"");
    let mut company = company.with_timetable(&hostile);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    let args = ["rehearse", "--from", "2026-03-02", "--to", "2026-03-20", "--out", "played", "--format", "json"];
    let document = company.run(&args).exits(0).json().remove(0)["rehearsal"].clone();
    let days = document["calendar"].as_array().unwrap();
    assert_eq!(days.len(), 19);
    assert_eq!(days.iter().map(|d| d["tasks"].as_object().unwrap().len()).sum::<usize>(), 2);
    let page = std::fs::read_to_string(company.path("played/report.html")).unwrap();
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    let emails: u64 = days.iter().flat_map(|d| d["emails"].as_object().unwrap().values()).map(|n| n.as_u64().unwrap()).sum();
    assert!(emails > 0 && page.contains(&format!("E-mails to customers, by step: {emails}")), "{page}");
    assert!(page.matches("<rect").count() >= 4 && !page.contains("http://") && !page.contains("https://"), "{page}");
    company.run(&args).exits(2).says("has a rehearsal already");
}

#[test]
fn promises_of_amounts_are_kept_or_broken_on_the_days_and_reviews_show_what_they_say() {
    let timetable = TIMETABLE.replace("[[step]]\nid = \"broken\"\ntask = \"call\"\non = \"promise_broken\"\n", "");
    assert_ne!(timetable, TIMETABLE);
    let mut company =
        a_company().with_all_templates().with_timetable(&format!("{timetable}[review]\nevery = \"month\"\nspread = false\n"));
    for n in 1..=2 {
        company.given_an_invoice(&format!("I-{n}"), &format!("C-{n}"), "2026-02-20");
    }
    // The first pays something within its time, as far as the ledger knows; the other one nothing.
    company.given_a_payment("P-1", "C-1", "I-1", "2026-03-09");
    company.import();
    std::fs::write(
        company.path("payments.csv"),
        "id,customer_id,invoice_id,received_on,amount,currency\nP-1,C-1,I-1,2026-03-09,40.00,USD\n",
    )
    .unwrap();
    company.run(&["import", "--payments", "payments.csv"]).exits(0);
    let now = "2026-03-03T09:00:00-05:00";
    company.poll_at(now);
    company.run_at(now, &["promise", "--invoice", "I-1", "--by", "2026-03-10", "--amount", "40"]).exits(0);
    company.run_at(now, &["promise", "--invoice", "I-2", "--by", "2026-03-10", "--amount", "40"]).exits(0);
    let args = ["rehearse", "--from", "2026-03-04", "--to", "2026-04-02", "--no-emails", "--out", "played"];
    let said = company.run_at(now, &args).exits(0).out;
    let contacts = std::fs::read_to_string(company.path("played/contacts.jsonl")).unwrap();
    let contacts: Vec<Value> = contacts.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let broken: Vec<String> = contacts
        .iter()
        .filter(|c| c["step"] == "broken-promise")
        .map(|c| format!("{} {} {}", text(c, "date"), text(c, "customer"), text(c, "note")))
        .collect();
    assert_eq!(broken, ["2026-03-13 C-2 40 was promised by 2026-03-10, 0.00 USD has come"]);
    // The one that was kept is over with its grace: the timetable goes on with the rest.
    let emails = |customer: &str| {
        let all = contacts.iter().filter(|c| c["customer"] == customer && c["kind"] == "email" && c["state"] == "sent");
        all.map(|c| text(c, "date").to_owned()).next()
    };
    assert_eq!((emails("C-1").as_deref(), emails("C-2").as_deref()), (Some("2026-03-13"), Some("2026-03-13")));
    assert!(said.contains("credit-review of C-1") && said.contains("  open"), "{said}");
    let page = std::fs::read_to_string(company.path("played/report.html")).unwrap();
    assert!(page.contains("Credit reviews: 2") && page.contains("What has changed"), "{page}");
}
