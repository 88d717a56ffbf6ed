//! `[priority]`.

use super::*;

#[test]
fn the_factors_are_those_of_the_file_or_the_usual_ones() {
    let of = |text: &str| good(&file("", text)).priority;
    let usual = of("");
    assert_eq!(usual, of("[priority]"));
    assert_eq!(usual.amount.keys().collect::<Vec<_>>(), ["large", "small"], "the sizes of the file");
    let own = of("[priority]\naging = [0, 1.5, \"2.25\", 3, 10]\nrank = { D = 9, none = 0.5 }\nsilence = { 7 = 2, never = 8 }\n\
                 amount = { large = 5 }\nbroken = { 1 = 3 }\ndays_late = { 5 = 3 }\nover_limit = 1\nno_email = 7\nlook_back = 90");
    let text = |numbers: &[rust_decimal::Decimal]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(text(&own.aging), "0 1.5 2.25 3 10");
    assert_eq!(text(&own.ranks.values().copied().collect::<Vec<_>>()), "1 1.25 1.5 9");
    assert_eq!(text(&[own.no_rank, own.never, own.over_limit, own.no_email]), "0.5 8 1 7");
    assert_eq!(text(&[own.silence.at(6), own.silence.at(7), own.broken.at(1), own.days_late.at(5)]), "1 2 3 3");
    assert_eq!((text(&own.amount.values().copied().collect::<Vec<_>>()), own.look_back), ("5 1".to_owned(), 90));
    assert_eq!((text(&[usual.personal_factor]), usual.pareto), ("1.5".to_owned(), false));
    let personal = of("[priority]\npersonal = \"pareto\"\npersonal_factor = 3");
    assert_eq!((text(&[personal.personal_factor]), personal.pareto), ("3".to_owned(), true));
    let classes = good(&file("", "[aging]\nbuckets = [7]\n[priority]\naging = [1, 2, 3]")).priority.aging;
    assert_eq!(text(&classes), "1 2 3");
}

#[test]
fn what_is_no_factor_is_shown_at_its_place() {
    let classes =
        "`aging` has a factor for each of the 5 classes of [aging]; write one for each: not due, 1-30, 31-60, 61-90, over 90";
    assert_below("[priority]\naging = [1, 2]", 1, &format!("9 «[1, 2]» {classes}"));
    assert_below("[priority]\nrank = { E = 2 }", 1, "10 «E» unknown rank `E`; known here: A, B, C, D, none");
    let known = "1 «lrage» unknown size `lrage`; did you mean `large`?";
    assert_below("[priority.amount]\nlrage = 2", 1, known);
    let number = "`soon` is no whole number; write from how many on a factor counts, as in { 14 = 1.25, 30 = 1.5 }";
    assert_below("[priority]\nbroken = { soon = 2 }", 1, &format!("12 «soon» {number}"));
    assert_below("[priority]\nsilence = { soon = 2 }", 1, &format!("13 «soon» {number}, or `never`"));
    assert_below(
        "[priority]\nover_limit = 101",
        1,
        "14 «101» a factor is at most 100; 1 changes nothing, 2 counts twice as much",
    );
    let pareto = "`personal` of [priority] is \"pareto\" or false";
    let help = "leave it out where nobody is to be found by what is open; a segment and a customer have personal = true";
    assert_below("[priority]\npersonal = true", 1, &format!("12 «true» {pareto}; {help}"));
    assert_below("[priority]\nover_limit = 1.125", 1, "14 «1.125» a factor has two decimals at the most; write it as 1.25");
    assert_below("[priority]\nover_limit = -1.5", 1, "14 «-1.5» -1.5 is no plain number; write 0 or more, such as 1.5");
    assert_below("[priority]\nover_limit = [1]", 1, "14 «[1]» a factor is a number; write it as 1.5");
    assert_below("[priority]\nnoemail = 1", 1, "1 «noemail» unknown key `noemail`; did you mean `no_email`?");
    let most = "a century (36525) is the most";
    assert!(only(&file("", "[priority]\nlook_back = 99999")).contains(most));
}
