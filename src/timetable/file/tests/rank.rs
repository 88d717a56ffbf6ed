//! `[rank]`.

use super::*;
use crate::ledger::ranks::{Ranks, Use};

#[test]
fn ranks_are_the_ledgers_unless_the_file_says_so() {
    let of = |text: &str| good(&file("", text)).ranks;
    assert_eq!(of(""), Ranks::default());
    assert_eq!(of("[rank]"), Ranks::default());
    let own = of("[rank]\nuse = \"computed\"\nmonths = 6\ndays_late = { A = 1, B = 2, C = 2.5 }\n\
         margin = { C = 5 }\nmargin_column = \"profit\"\nweights = { margin = 3 }\n[rank.volume]\nA = 10\nB = 5\nC = 1\n[rank.volume.JPY]\nA = 1000\nB = 500\nC = 100");
    let text = |numbers: &[rust_decimal::Decimal]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!((own.uses, own.months, own.margin_column.as_str()), (Use::Computed, 6, "profit"));
    assert_eq!(
        [text(&own.volume), text(&own.days_late), text(&own.margin), text(&own.weights)],
        ["10 5 1", "1 2 2.5", "30 20 5", "1 2 3"]
    );
    assert_eq!(text(&own.volume_in[&"JPY".parse().unwrap()]), "1000 500 100");
    assert_eq!(of("[rank]\nuse = \"missing\"").uses, Use::Missing);
}

#[test]
fn what_makes_no_rank_is_shown_at_its_place() {
    let which =
        "`use` says which rank counts; write \"ledger\", \"missing\" (computed where the ledger has none) or \"computed\"";
    assert_below("[rank]\nuse = \"mine\"", 1, &format!("7 «\"mine\"» {which}"));
    assert_below("[rank]\nmonths = 0", 1, "10 «0» `months` is between 1 and 120; write 12 for a year");
    let rise = "the limits rise from A to C; write them as in { A = 5, B = 15, C = 30 }";
    assert_below("[rank]\ndays_late = { A = 40 }", 1, &format!("13 «{{ A = 40 }}» {rise}"));
    let fall = "the limits fall from A to C; write them as in { A = 100000, B = 25000, C = 5000 }";
    assert_below("[rank]\nvolume = { C = 30000 }", 1, &format!("10 «{{ C = 30000 }}» {fall}"));
    assert_below("[rank]\nmargin = { D = 1 }", 1, "12 «D» unknown rank `D`; known here: A, B, C");
    assert_below("[rank]\nweights = { volum = 1 }", 1, "13 «volum» unknown key `volum`; did you mean `volume`?");
    let nothing = "«{ volume = 0, days_late = 0, margin = 0 }» nothing counts; one weight at least is more than 0";
    assert_below("[rank]\nweights = { volume = 0, days_late = 0, margin = 0 }", 1, &format!("11 {nothing}"));
    assert_below("[rank.volume.euros]\nA = 1", 0, "14 «euros» `euros` is no currency; write [rank.volume.EUR]");
    assert_below("[rank]\nuses = \"ledger\"", 1, "1 «uses» unknown key `uses`; did you mean `use`?");
}
