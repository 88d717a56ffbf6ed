use super::lint;
use crate::diagnostic::places::Places;
use crate::diagnostic::{Problem, Severity};
use crate::timetable::file;

/// A good file: two segments, two sizes, and something to do after a month.
fn good(above: &str, steps: &str) -> String {
    format!(
        "time_zone = \"UTC\"\n{above}\n[sizes]\nlarge = 1000\n[[segment]]\nname = \"vip\"\nmatch = {{ rank = [\"A\"] }}\n\
         [[segment]]\nname = \"rest\"\n[[step]]\nid = \"last\"\ntask = \"call\"\ndays = 60\n{steps}"
    )
}

/// `code «place» message; help` of every lint of a file.
fn said(text: &str) -> Vec<String> {
    let (timetable, _) = file::parse("timetable.toml", text)
        .unwrap_or_else(|all| panic!("{text}\n{}", all.iter().map(|p| p.render(false)).collect::<String>()));
    let places = Places::of("timetable.toml", text);
    let line = |p: &Problem| {
        let place = p.span.clone().map_or("-", |span| &text[span]);
        let mark = if p.severity == Severity::Error { "error " } else { "" };
        format!("{mark}{} «{place}» {}; {}", p.code, p.message, p.help.as_deref().unwrap())
    };
    lint(&places, &timetable).problems.iter().map(line).collect()
}

fn of_steps(steps: &str) -> Vec<String> {
    said(&good("", steps))
}

fn step(id: &str, lines: &str) -> String {
    format!("[[step]]\nid = \"{id}\"\nemail = \"x\"\n{lines}\n")
}

fn only(mut all: Vec<String>) -> String {
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

#[test]
fn a_good_file_has_none() {
    assert!(said(&good("", "")).is_empty());
    assert!(said(include_str!("../../../config/timetable.toml")).is_empty());
}

#[test]
fn segments_and_days_that_share_no_segment_are_an_error() {
    let said = only(of_steps(&step("s", "segments = [\"vip\"]\ndays = { rest = 3 }")));
    assert!(said.starts_with("error never-sent «segments = [\"vip\"]» `s` never goes out"), "{said}");
}

#[test]
fn a_segment_that_only_one_of_the_two_has_is_a_warning() {
    let named = only(of_steps(&step("s", "segments = [\"vip\", \"rest\"]\ndays = { rest = 3 }")));
    assert!(named.starts_with("never-sent «segments = [\"vip\", \"rest\"]» `s` never goes out for `vip`"), "{named}");
    let day = only(of_steps(&step("s", "segments = [\"rest\"]\ndays = { vip = 2, rest = 3 }")));
    assert!(day.starts_with("never-sent «days = { vip = 2, rest = 3 }» `s` never goes out for `vip`"), "{day}");
    assert!(of_steps(&step("s", "segments = [\"rest\"]\ndays = 3")).is_empty());
    assert!(of_steps(&step("s", "segments = [\"rest\"]\non = \"paid\"")).is_empty());
}

#[test]
fn a_rank_that_no_customer_of_the_segment_has_is_a_warning() {
    let said = only(of_steps(&step("s", "ranks = [\"B\"]\ndays = { vip = 3 }")));
    assert!(said.starts_with("never-sent «ranks = [\"B\"]» `s` never goes out: no customer of `vip` has the rank `B`"), "{said}");
    let taken = only(of_steps(&step("s", "ranks = [\"A\"]\ndays = { rest = 3 }")));
    assert!(taken.contains("no customer of `rest` has the rank `A`"), "{taken}");
    assert!(of_steps(&step("s", "ranks = [\"A\", \"B\"]\ndays = { rest = 3 }")).is_empty());
    assert!(of_steps(&step("s", "ranks = [\"A\"]\ndays = 3")).is_empty());
}

#[test]
fn a_size_that_no_invoice_has_is_a_warning_and_a_step_for_it_never_goes_out() {
    let with = |sizes: &str, steps: &str| said(&good("", steps).replace("large = 1000", sizes));
    let twice = only(with("large = 1000\nhuge = 1000", ""));
    assert!(twice.starts_with("size-empty «huge = 1000» no invoice is `huge`: whatever reaches it is `large`"), "{twice}");
    let both = with("large = 1000\nhuge = 1000", &step("s", "sizes = [\"huge\"]\ndays = 3"));
    assert!(both.iter().any(|s| s.starts_with("never-sent «sizes = [\"huge\"]»")), "{both:#?}");
    let none = only(with("all = 0", ""));
    assert!(none.contains("no invoice is `small`: whatever reaches it is `all`"), "{none}");
    assert!(with("large = 1000\nhuge = 1000\n[sizes.EUR]\nhuge = 2000", "").is_empty(), "in EUR there is a huge one");
    assert!(with("large = 1000\nhuge = 2000", &step("s", "sizes = [\"huge\"]\ndays = 3")).is_empty());
}

#[test]
fn a_repeat_that_ends_before_it_begins_is_a_warning() {
    let said = only(of_steps(&step("s", "days = 10\nrepeat_every = 30\nrepeat_until = 39")));
    assert!(
        said.starts_with("never-repeats «repeat_until = 39» `s` never repeats: the second one would fall on day 40"),
        "{said}"
    );
    let some = only(of_steps(&step("s", "days = { vip = 20, rest = 10 }\nrepeat_every = 30\nrepeat_until = 45")));
    assert!(some.contains("never repeats for `vip`: the second one would fall on day 50"), "{some}");
    assert!(of_steps(&step("s", "days = 10\nrepeat_every = 30\nrepeat_until = 40")).is_empty());
}

#[test]
fn an_email_within_the_quiet_days_of_another_is_a_warning() {
    let two = |first: i64, second: i64| {
        of_steps(&[step("a", &format!("days = {first}")), step("b", &format!("days = {second}"))].join(""))
    };
    let early = only(two(10, 12));
    assert!(
        early.starts_with(
            "quiet-days «days = 12» `b` (day 12) waits on 6 of 7 weekdays: quiet_days = 3, and the e-mail `a` (day 10)"
        ),
        "{early}"
    );
    assert!(
        only(said(&good("send_window = { days = \"mon-sun\" }", &[step("a", "days = 10"), step("b", "days = 13")].join(""))))
            .contains("`b` (day 13) always waits")
    );
    assert!(two(10, 14).is_empty() && two(-5, 3).is_empty());
    assert!(
        of_steps(&[step("a", "days = 10\nsizes = \"large\""), step("b", "days = 11\nsizes = \"small\"")].join("")).is_empty()
    );
    let segment = only(of_steps(&[step("a", "days = { vip = 5, rest = 10 }"), step("b", "days = 11")].join("")));
    assert!(segment.contains("always waits for `rest`: quiet_days = 3"), "{segment}");
    let repeat = only(of_steps(&step("s", "days = 10\nrepeat_every = 3")));
    assert!(repeat.starts_with("quiet-days «repeat_every = 3» `s` comes again after 3 days"), "{repeat}");
    assert!(said_with_no_quiet_days().is_empty());
}

#[test]
fn a_deadline_that_the_next_email_does_not_wait_for_is_a_warning() {
    let two = |within: i64| of_steps(&[step("a", &format!("days = 10\npay_within = {within}")), step("b", "days = 20")].join(""));
    let early = only(two(10));
    assert_eq!(
        early,
        "pay-within «pay_within = 10» `a` (day 10) asks to pay within 10 days, and `b` follows on day 20, before that is over; \
         write pay_within = 9 or less, or put `b` later"
    );
    assert!(two(9).is_empty());
    let before = only(of_steps(&step("a", "days = -10\npay_within = 9")));
    assert!(before.contains("`a` (day -10) asks to pay within 9 days, which is before the invoice is due"), "{before}");
    assert!(only(of_steps(&step("a", "days = 10\npay_within = 7\nrepeat_every = 7"))).contains("`a` follows on day 17"));
}

fn said_with_no_quiet_days() -> Vec<String> {
    said(&good("quiet_days = 0", &[step("a", "days = 10"), step("b", "days = 11")].join("")))
}

#[test]
fn an_email_is_put_where_it_need_not_wait() {
    let said = only(of_steps(&[step("a", "days = 10"), step("b", "days = 12")].join("")));
    let day: i64 = said.split("put it on day ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(of_steps(&[step("a", "days = 10"), step("b", &format!("days = {day}"))].join("")).is_empty(), "{said}");
}

fn with_segments(segments: &str) -> Vec<String> {
    said(&format!(
        "time_zone = \"UTC\"\n{segments}\n[[segment]]\nname = \"rest\"\n[[step]]\nid = \"last\"\ntask = \"call\"\ndays = 60\n"
    ))
}

fn segment(name: &str, matches: &str) -> String {
    format!("[[segment]]\nname = \"{name}\"\nmatch = {{ {matches} }}\n")
}

#[test]
fn a_segment_whose_match_contradicts_itself_is_an_error() {
    let said = only(with_segments(&segment("a", "customer_for_days_below = 30, customer_for_days_from = 30")));
    assert!(said.starts_with("error segment-empty «match = {"), "{said}");
    assert!(said.contains("no customer is one for less than 30 and for at least 30 days"), "{said}");
    assert!(only(with_segments(&segment("a", "customer_for_days_below = 0"))).contains("segment-empty"));
    assert!(only(with_segments(&segment("a", "open_balance_below = 5, open_balance_from = 9"))).contains("no open balance"));
    assert!(with_segments(&segment("a", "customer_for_days_below = 31, customer_for_days_from = 30")).is_empty());
}

#[test]
fn a_segment_whose_customers_an_earlier_one_takes_is_a_warning() {
    let two = |a: &str, b: &str| with_segments(&[segment("a", a), segment("b", b)].join(""));
    for (a, b) in [
        ("rank = [\"A\", \"B\"]", "rank = [\"B\"]"),
        ("rank = [\"A\"]", "rank = [\"A\"], country = [\"DE\"]"),
        ("customer_for_days_below = 180", "customer_for_days_below = 90"),
        ("open_balance_from = 100", "open_balance_from = 200"),
        ("currency = [\"EUR\", \"USD\"]", "currency = [\"EUR\"]"),
    ] {
        let said = only(two(a, b));
        assert!(said.contains("nobody is matched by `b`: `a`, which stands above it"), "{said}");
    }
    for (a, b) in [
        ("rank = [\"A\"]", "rank = [\"A\", \"B\"]"),
        ("rank = [\"A\"], country = [\"DE\"]", "rank = [\"A\"]"),
        ("customer_for_days_below = 90", "customer_for_days_below = 180"),
        ("open_balance_from = 200", "open_balance_from = 100"),
        ("rank = [\"A\"]", "country = [\"DE\"]"),
    ] {
        assert!(two(a, b).is_empty(), "{a}, {b}");
    }
    let all = only(two("customer_for_days_below = 180", "customer_for_days_from = 180"));
    assert!(all.contains("nobody is left for `rest`"), "{all}");
    assert!(two("customer_for_days_below = 180", "customer_for_days_from = 181").is_empty());
}

#[test]
fn a_segment_that_is_forgotten_after_a_month_is_a_warning() {
    let with = |days: &str| said(&good("", "").replace("days = 60", days));
    let all = with("days = 30");
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(
        all[0]
            .starts_with("nothing-after «name = \"vip\"» after day 30 past due, nothing happens any more for customers of `vip`"),
        "{all:#?}"
    );
    let one = only(with("days = { vip = 31 }"));
    assert!(one.contains("no step is for customers of `rest`"), "{one}");
    let size = with("days = 60\nsizes = [\"large\"]");
    assert!(size[0].contains("no step is for small invoices of customers of `vip`"), "{size:#?}");
    assert!(with("days = -3").iter().all(|s| s.contains("after the due date, nothing happens")));
    assert!(with("days = 10\nrepeat_every = 10").is_empty());
    assert!(with("days = 10\nrepeat_every = 10\nrepeat_until = 31").len() == 2);
    assert!(with("days = 10\nrepeat_every = 11\nrepeat_until = 35").is_empty());
}

#[test]
fn a_follow_up_of_an_email_that_its_customers_do_not_get_is_told() {
    let first = step("first", "days = { vip = 5 }");
    let call = |lines: &str| format!("[[step]]\nid = \"s\"\ntask = \"call\"\nafter = \"first\"\n{lines}\n");
    let some = only(of_steps(&(first.clone() + &call(""))));
    assert!(
        some.starts_with("never-sent «after = \"first\"» `s` never goes out for `rest`: that segment does not have `first`"),
        "{some}"
    );
    assert!(of_steps(&(first.clone() + &call("segments = [\"vip\"]"))).is_empty());
    let none = only(of_steps(&(first + &call("segments = [\"rest\"]"))));
    assert!(none.starts_with("never-sent «after = \"first\"» `s` never goes out: that segment does not have `first`"), "{none}");
    let large = step("first", "days = 5\nsizes = [\"large\"]");
    let sizes = only(of_steps(&(large.clone() + &call(""))));
    assert!(sizes.contains("`s` goes out only where `first` does, which has sizes = [\"large\"] (T33)"), "{sizes}");
    assert!(of_steps(&(large + &call("sizes = [\"large\"]"))).is_empty());
}

#[test]
fn days_and_quiet_days_that_a_silence_makes_pointless_are_told() {
    let first = step("first", "days = 5");
    let days = |day: u32| {
        of_steps(&(first.clone() + &format!("[[step]]\nid = \"s\"\ntask = \"call\"\nafter = \"first\"\ndays = {day}\n")))
    };
    assert!(days(14).is_empty());
    let early = only(days(13));
    assert!(
        early.starts_with(
            "never-early «days = 13» `days` of `s` (13) says nothing: after `first` and 7 silent days it comes on day 13"
        ),
        "{early}"
    );
    let email = |silent: u32| of_steps(&(first.clone() + &step("s", &format!("after = \"first\"\nsilent_days = {silent}"))));
    assert!(email(3).is_empty());
    assert!(
        only(email(2)).starts_with("quiet-days «silent_days = 2» `s` follows `first` after 2 silent days, and quiet_days = 3")
    );
}

#[test]
fn what_is_over_before_nobody_has_objected_is_a_warning() {
    let grace = only(of_steps(&step("s", "days = 3\ngrace_days = 3\napprove = \"veto\"")));
    let expected = "veto «approve = \"veto\"» up to 4 days go by before `s` leaves to which nobody objects, and it has 3 days of \
                    grace: it would expire before (T13); give it more `grace_days`, or take fewer `veto_days` of [approval]";
    assert_eq!(grace, expected);
    let moot = only(of_steps(&step("s", "days = -3\napprove = \"veto\"")));
    assert!(moot.contains("it is about a due date that has passed by then (T12)"), "{moot}");
    assert!(of_steps(&step("s", "days = 3\ngrace_days = 3\napprove = true")).is_empty());
    assert!(of_steps(&step("s", "days = 3\ngrace_days = 4\napprove = \"veto\"")).is_empty());
    let segment =
        good("", &step("s", "days = 3\ngrace_days = 3")).replace("name = \"rest\"", "name = \"rest\"\napprove = \"veto\"");
    assert!(only(said(&segment)).starts_with("veto «id = \"s\"»"));
}
