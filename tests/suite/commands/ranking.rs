//! Ranks that follow from the books: shown, recomputed by hand, and used only where the file says so.

use super::*;

/// Who is good is written to after two months, everybody else after 25 days.
const SEGMENTS: &str = "time_zone = \"America/New_York\"\nsend_window = { days = \"mon-fri\", from = \"08:00\", to = \"17:30\" }\n\
                        go_live = \"2026-01-01\"\ngrace_days = 10\nvolume_guard = 0\n\
                        [[segment]]\nname = \"good\"\nmatch = { rank = [\"A\", \"B\"] }\n[[segment]]\nname = \"all\"\n\
                        [[step]]\nid = \"late\"\nemail = \"past-due\"\ndays = { good = 60, all = 25 }\n\
                        [[step]]\nid = \"risky\"\ntask = \"call\"\ndays = 26\nranks = [\"D\"]\n";

/// Only the month before counts, and 50 USD are much.
const MONTH: &str = "[rank]\nuse = \"USE\"\nmonths = 1\nvolume = { A = 50, B = 20, C = 10 }\n";

fn a_company_of(ranks: &str) -> Company {
    let mut company = a_company().with_timetable(&format!("{SEGMENTS}{ranks}"));
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_an_invoice("I-2", "C-2", "2026-02-10");
    company.given_a_payment("P-2", "C-2", "I-2", "2026-02-27");
    company.import();
    std::fs::write(
        company.path("c.csv"),
        "id,name,email,rank,margin\nC-1,\"=Weber\",ap@c-1.example,B,\nC-2,Two,ap@c-2.example,,12%\n",
    )
    .unwrap();
    company.run(&["import", "--customers", "c.csv"]).exits(0);
    company
}

fn day(month: u32, day: u32) -> String {
    format!("2026-{month:02}-{day:02}T09:00:00-05:00")
}

fn ranks(company: &Company, on: &str) -> Vec<String> {
    let all = company.run_at(on, &["rank", "--all", "--format", "json"]).exits(0).json();
    let said = |key: &str, c: &serde_json::Value| c[key].as_str().unwrap_or("-").to_owned();
    all.iter()
        .map(|c| format!("{}: {} {} {}", text(c, "customer"), said("ledger", c), said("computed", c), said("used", c)))
        .collect()
}

#[test]
fn a_rank_can_be_computed_by_hand_from_what_is_shown() {
    let company = a_company_of("");
    let before = company.state();
    let said = company.run_at(&day(3, 4), &["rank", "C-2"]).exits(0);
    for there in [
        "rank none in the ledger, C by the books; the timetable sees none (use = \"ledger\" of [rank])",
        "what counts is from 2025-03-01 to 2026-02-28",
        "100.00 USD invoiced",
        "17 days late on average (17 days of 1 invoice)",
        "12 %",
        // D for the volume, C for the days, C for the margin.
        "(1 × 1 + 2 × 2 + 2 × 1) / 4 = 1.75: C",
    ] {
        assert!(said.out.contains(there), "{there:?} is not in\n{}", said.out);
    }
    let json = company.run_at(&day(3, 4), &["rank", "C-2", "--format", "json"]).exits(0).json().remove(0);
    assert_eq!(
        (&json["as_of"], &json["points"], &json["parts"][1]["value"]),
        (&"2026-03-01".into(), &"1.75".into(), &"17".into())
    );
    let sheet = company.run_at(&day(3, 4), &["rank", "--all", "--csv"]).exits(0).out;
    let rows: Vec<&str> = sheet.lines().collect();
    assert_eq!(rows[0], "customer,name,ledger,computed,used,volume,currency,days late,margin,points");
    assert_eq!(rows[1..], ["C-1,'=Weber,B,D,B,100.00,USD,,,1.00", "C-2,Two,,C,,100.00,USD,17,12,1.75"]);
    company.run_at(&day(3, 4), &["rank", "--all"]).exits(0).says("POINTS").says("Two");
    company.run_at(&day(3, 4), &["rank", "C-9"]).exits(2).says("no customer \"C-9\"");
    company.run_at(&day(3, 4), &["rank"]).exits(2);
    assert_eq!(company.state(), before);
}

#[test]
fn a_computed_rank_counts_only_where_the_file_says_so() {
    let on = day(3, 4);
    let seen = |uses: &str| {
        let company = a_company_of(&MONTH.replace("USE", uses));
        let aging = company.run_at(&on, &["aging", "--by", "rank", "--format", "json"]).exits(0).json().remove(0);
        let by_rank: Vec<String> = aging["rows"].as_array().unwrap().iter().map(|r| text(r, "rank").to_owned()).collect();
        (ranks(&company, &on), by_rank)
    };
    let list = |all: [&str; 2]| all.map(str::to_owned).to_vec();
    assert_eq!(seen("ledger"), (list(["C-1: B A B", "C-2: - B -"]), vec!["B".to_owned()]));
    assert_eq!(seen("missing"), (list(["C-1: B A B", "C-2: - B B"]), vec!["B".to_owned()]));
    assert_eq!(seen("computed"), (list(["C-1: B A A", "C-2: - B B"]), vec!["A".to_owned()]));
}

/// What a poll made, without who slept.
fn polled(company: &Company, on: &str) -> Vec<String> {
    company.poll_at(on).contacts.iter().map(|c| format!("{} {}", text(c, "lead"), text(c, "step"))).collect()
}

#[test]
fn a_rank_that_changes_with_the_month_wakes_who_sleeps_and_is_rehearsed() {
    let company = a_company_of(&MONTH.replace("USE", "computed"));
    let out = company.path("rehearsal");
    let played = ["rehearse", "--from", "2026-03-04", "--to", "2026-04-02", "--out", out.to_str().unwrap(), "--format", "json"];
    let rehearsed = company.run_at(&day(3, 4), &played).exits(0).out;
    for quiet in [day(3, 4), day(3, 5), day(3, 31)] {
        assert_eq!(polled(&company, &quiet), Vec::<String>::new(), "of rank A, and written to after two months");
    }
    // Nothing was bought in March, and the invoice is a month late.
    assert_eq!(ranks(&company, &day(4, 1))[0], "C-1: B D D");
    let mut made = polled(&company, &day(4, 1));
    made.sort();
    assert_eq!(made, ["I-1 late", "I-1 risky"]);
    let explained = company.run_at(&day(4, 1), &["explain", "C-1"]).out;
    assert!(!explained.contains("segment good"), "{explained}");
    let rehearsed: serde_json::Value = serde_json::from_str(&rehearsed).unwrap();
    let calendar = rehearsed["rehearsal"]["calendar"].as_array().unwrap();
    let busy = calendar.iter().filter(|d| d["emails"]["late"] == 1 || d["tasks"]["risky"] == 1);
    assert_eq!(busy.map(|d| text(d, "date")).collect::<Vec<_>>(), ["2026-04-01"], "{rehearsed:#}");
}
