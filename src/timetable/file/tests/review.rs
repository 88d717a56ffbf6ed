//! `[review]`.

use super::*;
use crate::timetable::review::{Every, Review};

#[test]
fn reviews_are_made_only_if_the_file_says_how_often() {
    assert_eq!(good(&file("", "")).review, None);
    let all = good(&file("", "[review]\nevery = \"half-year\"")).review.unwrap();
    assert_eq!(all, Review { every: Some(Every::HalfYear), spread: true, ..Review::default() });
    let some = good(&file("", "[review]\nevery = { vip = \"month\" }\nspread = false")).review.unwrap();
    assert_eq!((some.every("vip"), some.every("rest"), some.spread), (Some(Every::Month), None, false));
}

#[test]
fn what_is_no_period_is_shown_at_its_place() {
    assert_below("[review]", 0, "1 «[review]» `every` is missing; write every = \"quarter\", or a table by segment");
    let known = "unknown period `quater`; did you mean `quarter`?";
    assert_below("[review]\nevery = \"quater\"", 1, &format!("9 «\"quater\"» {known}"));
    assert_below("[review]\nevery = { vpi = \"year\" }", 1, "11 «vpi» unknown segment `vpi`; did you mean `vip`?");
    assert_below("[review]\nevery = \"year\"\nspraed = true", 2, "1 «spraed» unknown key `spraed`; did you mean `spread`?");
}
