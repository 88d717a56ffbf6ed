//! `[[step]]` (T2, T4, T7, T20, T24, T31).

use super::*;
use crate::timetable::step::Merge;
use crate::timetable::{Action, Days, Event, Offset, Recipient, Repeat, When};

/// A second step with these lines below its id, and what is said of the line `line` (0 is `[[step]]`).
fn wrong(lines: &str, line: usize, expected: &str) {
    assert_below(&format!("[[step]]\nid = \"b\"\n{lines}"), line, expected);
}

#[test]
fn a_step_that_says_little_has_the_defaults() {
    let step = &good(&file("", "")).steps[0];
    assert_eq!((step.grace_days, step.merge, step.attach, step.renamed_from.len()), (None, Merge::Customer, None, 0));
    assert_eq!(step.limits, Default::default());
    assert_eq!(step.when, When::Days { days: Days::All(Offset::Days(3)), repeat: None });
}

#[test]
fn a_step_that_says_everything_is_taken_at_its_word() {
    let t = good(&file(
        "",
        "[[step]]\nid = \"b\"\nemail = \"x\"\ndays = { vip = -5, rest = 9 }\nrepeat_every = 30\nrepeat_until = 180\ngrace_days = 4\n\
         sizes = [\"large\", \"small\"]\nranks = \"B\"\nsegments = [\"vip\"]\ncurrencies = [\"EUR\"]\nmerge = false\nattach = false\nrenamed_from = \"old\"",
    ));
    let step = &t.steps[1];
    assert_eq!((step.days_for("vip"), step.days_for("rest"), step.days_for("other")), (Some(-5), Some(9), None));
    assert_eq!(step.repeat(), Some(Repeat { every: 30, until: Some(180) }));
    assert_eq!((step.grace_days, step.merge, step.attach), (Some(4), Merge::Alone, Some(false)));
    assert_eq!(step.renamed_from, ["old"]);
    assert_eq!(step.limits.sizes.as_ref().unwrap(), &["large", "small"]);
    assert_eq!(step.limits.ranks.as_ref().unwrap(), &["B"]);
    assert_eq!(step.limits.segments.as_ref().unwrap(), &["vip"]);
    assert_eq!(step.limits.currencies.as_ref().unwrap()[0].as_str(), "EUR");
}

#[test]
fn documents_go_with_emails_of_a_day_and_with_others_only_where_it_says_so() {
    let attaches = |lines: &str| good(&file("", &format!("[[step]]\nid = \"b\"\n{lines}"))).steps[1].attaches();
    assert!(attaches("email = \"x\"\ndays = 5") && attaches("email = \"x\"\ndays = -5"));
    assert!(!attaches("email = \"x\"\ndays = 5\nattach = false"));
    assert!(!attaches("email = \"x\"\non = \"paid\"") && attaches("email = \"x\"\non = \"issued\"\nattach = true"));
    assert!(!attaches("notify = \"x\"\nto = \"collector\"\ndays = 5") && !attaches("task = \"call\"\ndays = 5"));
}

#[test]
fn a_deadline_is_a_business_day_so_many_days_after_the_email() {
    let t = good(&file("holidays = \"2026-03-16\"", "[[step]]\nid = \"b\"\nemail = \"x\"\ndays = 40\npay_within = 7"));
    let by = |step: &str, day: &str| t.pay_by(step, day.parse().unwrap()).map(|d| d.to_string());
    assert_eq!(by("b", "2026-03-03").as_deref(), Some("2026-03-10"));
    assert_eq!(by("b", "2026-03-07").as_deref(), Some("2026-03-17"), "a Saturday and a holiday later");
    assert_eq!((by("a", "2026-03-03"), by("gone", "2026-03-03")), (None, None));
    let help = "write the days from the e-mail to the deadline that it prints";
    wrong("email = \"x\"\ndays = 1\npay_within = 0", 4, &format!("14 «0» `pay_within` is at least 1; {help}"));
    wrong("email = \"x\"\non = \"paid\"\npay_within = 3", 4, "14 «3» whoever has paid is given no deadline; leave it out");
    wrong("task = \"call\"\ndays = 1\npay_within = 3", 0, "1 «[[step]]» `pay_within` is for e-mails to customers; leave it out");
}

#[test]
fn business_days_are_written_with_their_unit() {
    let of = |days: &str| good(&file("", &format!("[[step]]\nid = \"b\"\nemail = \"x\"\ndays = {days}"))).steps[1].clone();
    let step = of("{ vip = \"-3bd\", rest = 9 }");
    assert_eq!(step.offset_for("vip"), Some(Offset::BusinessDays { number: -3, usual: -4 }));
    assert_eq!((step.offset_for("rest"), step.days_for("vip")), (Some(Offset::Days(9)), Some(-4)));
    assert_eq!(of("\"5bd\"").offset_for("vip").unwrap().usual_days(), 7);
    let help = "write 5 for calendar days, or \"5bd\" for business days, of which 500 are the most";
    for bad in ["0bd", "5 bd", "bd", "501bd", "five", "5d"] {
        wrong(&format!("email = \"x\"\ndays = \"{bad}\""), 3, &format!("8 «\"{bad}\"» \"{bad}\" is no number of days; {help}"));
    }
}

#[test]
fn every_action_and_every_event_has_its_word() {
    let action = |lines: &str| good(&file("", &format!("[[step]]\nid = \"b\"\ndays = 1\n{lines}"))).steps[1].action.clone();
    let notice = |to| Action::Notice { template: "x".to_owned(), to };
    assert_eq!(action("task = \"credit-hold\""), Action::Task { task: "credit-hold".to_owned() });
    assert_eq!(action("notify = \"x\"\nto = \"collector\""), notice(Recipient::Collector));
    assert_eq!(action("notify = \"x\"\nto = \"account_manager\""), notice(Recipient::AccountManager));
    let boss = crate::address::EmailAddress::parse("boss@x.test").unwrap();
    assert_eq!(action("notify = \"x\"\nto = \"boss@x.test\""), notice(Recipient::Address(boss)));
    for event in Event::ALL {
        let t = good(&file("", &format!("[[step]]\nid = \"b\"\nemail = \"x\"\non = \"{}\"", event.word())));
        assert_eq!(t.steps[1].event(), Some(event));
    }
}

#[test]
fn a_step_falls_on_days_or_on_an_event_and_not_on_both() {
    let help = "write one of them: days = 30, or on = \"paid\"";
    wrong("email = \"x\"", 0, &format!("1 «[[step]]» the step has neither `days` nor `on`; {help}"));
    wrong("email = \"x\"\ndays = 1\non = \"paid\"", 0, &format!("1 «[[step]]» the step has both `days` and `on`; {help}"));
    let near = "6 «\"payd\"» unknown event `payd`; did you mean `paid`?";
    wrong("email = \"x\"\non = \"payd\"", 3, near);
    wrong("email = \"x\"\non = 5", 3, "6 «5» a text is wanted here, not a number; put it in quotes");
    let event = "an event does not repeat; it goes out once for an invoice: leave it out";
    wrong("email = \"x\"\non = \"paid\"\nrepeat_every = 3", 4, &format!("16 «3» {event}"));
    wrong("email = \"x\"\non = \"paid\"\nrepeat_until = 3", 4, &format!("16 «3» {event}"));
}

#[test]
fn the_days_of_a_step_are_whole_numbers_of_known_segments() {
    let century = "a century (36525) is the most";
    let message = "`days` is a whole number of days, not 99999999999";
    wrong("email = \"x\"\ndays = 99999999999", 3, &format!("8 «99999999999» {message}; {century}"));
    wrong("email = \"x\"\ndays = { res = 5 }", 3, "10 «res» unknown segment `res`; did you mean `rest`?");
    let plain = "write it without quotes and without a point, such as 10";
    wrong(
        "email = \"x\"\ndays = { rest = \"5\" }",
        3,
        &format!("17 «\"5\"» `days` is a whole number of days, not \"5\"; {plain}"),
    );
    let empty = "8 «{}» `days` names no segment; write a number for each segment that has the step";
    wrong("email = \"x\"\ndays = {}", 3, empty);
}

#[test]
fn a_step_repeats_every_so_many_days_and_not_before_it_begins() {
    let how_often = "say how often: repeat_every = 30";
    wrong("email = \"x\"\ndays = 5\nrepeat_until = 9", 4, &format!("16 «9» `repeat_until` without `repeat_every`; {how_often}"));
    for every in ["0", "-3"] {
        let message = format!("16 «{every}» `repeat_every` is at least 1; write the days between two occurrences");
        wrong(&format!("email = \"x\"\ndays = 5\nrepeat_every = {every}"), 4, &message);
    }
    let until = "16 «4» warning: `repeat_until` (4) lies before the step's first day: it does not repeat; \
                 write the days from the due date after which it stops, or leave it out";
    wrong("email = \"x\"\ndays = 5\nrepeat_every = 3\nrepeat_until = 4", 5, until);
}

#[test]
fn every_step_has_an_id_of_its_own_in_one_word() {
    let twice = "1 «[[step]]» two steps have the id `first`; every id is used once: contacts are logged under it";
    assert_below("[[step]]\nid = \"first\"\nemail = \"x\"\ndays = 5", 0, twice);
    for id in ["", "a b", "a\\tb"] {
        let word = format!("6 «\"{id}\"» an id is one word; write it like `past-due-30`");
        assert_below(&format!("[[step]]\nid = \"{id}\"\nemail = \"x\"\ndays = 5"), 1, &word);
    }
    let missing = "1 «[[step]]» `id` is missing; give the step an id: contacts are logged under it";
    assert_below("[[step]]\nemail = \"x\"\ndays = 5", 0, missing);
}

#[test]
fn a_step_does_exactly_one_thing() {
    let help = "write one of email = \"template\", task = \"call\", notify = \"template\"";
    wrong("days = 5", 0, &format!("1 «[[step]]» the step does nothing; {help}"));
    wrong("email = \"x\"\ntask = \"y\"\ndays = 5", 0, &format!("1 «[[step]]» a step does one thing; {help}"));
    wrong("email = \"../x\"\ndays = 5", 2, "9 «\"../x\"» \"../x\" is no name; use letters, digits, - and _");
    let recipient = "write to = \"account_manager\", \"collector\" or an address";
    wrong("notify = \"x\"\ndays = 5", 0, &format!("1 «[[step]]» `to` is missing; {recipient}"));
    let boss = format!("6 «\"boss\"» \"boss\" is no recipient: it has no @; {recipient}");
    wrong("notify = \"x\"\nto = \"boss\"\ndays = 5", 3, &boss);
    let to = "6 «\"a@x.test\"» `to` belongs to `notify`; an e-mail goes to the customer; [customer.\"ID\"] may say otherwise";
    wrong("email = \"x\"\nto = \"a@x.test\"\ndays = 5", 3, to);
    wrong("task = \"x\"\nattach = true\ndays = 5", 0, "1 «[[step]]» `attach` is for e-mails to customers; leave it out");
    wrong("task = \"x\"\nmerge = false\ndays = 5", 0, "1 «[[step]]» `merge` is for e-mails to customers; leave it out");
}

#[test]
fn the_limits_of_a_step_are_words_that_the_file_knows() {
    wrong("email = \"x\"\ndays = 5\nsizes = \"lrage\"", 4, "9 «\"lrage\"» unknown size `lrage`; did you mean `large`?");
    wrong("email = \"x\"\ndays = 5\nranks = [\"Z\"]", 4, "10 «\"Z\"» unknown rank `Z`; known here: A, B, C, D");
    wrong("email = \"x\"\ndays = 5\nsegments = [\"VIP\"]", 4, "13 «\"VIP\"» unknown segment `VIP`; did you mean `vip`?");
    let euro = "15 «\"EURO\"» `EURO` is no currency; a currency is a code of three letters, such as EUR";
    wrong("email = \"x\"\ndays = 5\ncurrencies = [\"EURO\"]", 4, euro);
    let empty = "12 «[]» `segments` is an empty list; name at least one, or leave it out";
    wrong("email = \"x\"\ndays = 5\nsegments = []", 4, empty);
    wrong("email = \"x\"\ndays = 5\nmerge = \"no\"", 4, "9 «\"no\"» unknown way to merge `no`; known here: address");
    wrong(
        "email = \"x\"\ndays = 5\nmerge = 1",
        4,
        "9 «1» `merge` is true, false or \"address\", not a number; write merge = \"address\", true or false",
    );
}

#[test]
fn a_rename_names_one_that_is_gone_and_only_once() {
    let living = "1 «[[step]]» `first` is still a step of this file; `renamed_from` names an id that is gone";
    wrong("email = \"x\"\ndays = 5\nrenamed_from = \"first\"", 0, living);
    let both = "1 «[[step]]» `b` and `c` are both renamed from `old`; \
                what is logged under an id goes on under one other: keep one of them";
    let c = "[[step]]\nid = \"c\"\nemail = \"x\"\ndays = 6\nrenamed_from = [\"older\", \"old\"]";
    wrong(&format!("email = \"x\"\ndays = 5\nrenamed_from = \"old\"\n{c}"), 5, both);
}

#[test]
fn a_step_that_cannot_be_read_is_still_known_by_its_id() {
    let message = "8 «\"z\"» \"z\" is no number of days; write 5 for calendar days, or \"5bd\" for business days, of which 500 are the most";
    wrong("email = \"x\"\ndays = \"z\"\n[customer.C1]\nskip_steps = \"b\"", 3, message);
}

#[test]
fn a_follow_up_names_an_email_that_comes_before_it() {
    let of = |lines: &str| good(&file("", &format!("[[step]]\nid = \"b\"\ntask = \"call\"\n{lines}"))).steps[1].clone();
    let alone = of("after = \"first\"");
    assert_eq!((alone.when, alone.after.unwrap().silent_days), (When::After, 7));
    let both = of("after = \"first\"\nsilent_days = 3\ndays = 20");
    assert_eq!((both.days_for("vip"), both.after.unwrap().silent_days), (Some(20), 3));
    let help = "say which e-mail stays without answer: after = \"past-due-5\"";
    let alone = format!("15 «3» `silent_days` without `after`; {help}");
    wrong("task = \"call\"\ndays = 5\nsilent_days = 3", 4, &alone);
    wrong("task = \"call\"\nafter = \"frist\"", 3, "9 «\"frist\"» unknown step `frist`; did you mean `first`?");
    let itself = "9 «\"b\"» `b` follows itself; name a step that comes before it";
    wrong("email = \"x\"\nafter = \"b\"", 3, itself);
    let task = "9 «\"c\"» `c` is no e-mail to the customer, who cannot leave it without answer; name a step with `email`";
    wrong("task = \"call\"\nafter = \"c\"\n[[step]]\nid = \"c\"\ntask = \"call\"\ndays = 4", 3, task);
    let twice = "16 «5» `after` and `repeat_every` do not go together; \
                 a follow-up comes once for each e-mail that it follows: let that one repeat, or leave it out";
    wrong("task = \"call\"\nafter = \"first\"\nrepeat_every = 5", 4, twice);
    let on = "6 «\"paid\"» `on` and `after` do not go together; keep one of them: an event, or an e-mail's silence";
    wrong("task = \"call\"\nafter = \"first\"\non = \"paid\"", 4, on);
    let round =
        said(&file("", "[[step]]\nid = \"b\"\nemail = \"x\"\nafter = \"c\"\n[[step]]\nid = \"c\"\nemail = \"x\"\nafter = \"b\""));
    assert_eq!(round.len(), 2, "{round:#?}");
    assert!(round[0].contains("the steps follow one another in a circle: `b`, `c`"), "{round:#?}");
}
