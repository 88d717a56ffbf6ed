//! Rubbish: never a panic, and either a timetable or at least one problem that can be shown.

use proptest::prelude::*;

use super::*;

const SHIPPED: &str = include_str!("../../../../config/timetable.toml");

/// The parser's promise for any text at all.
fn is_read_or_refused(text: &str) {
    match parse("timetable.toml", text) {
        Ok((timetable, warnings)) => {
            assert!(warnings.iter().all(|w| w.severity == Severity::Warning));
            assert!(!timetable.steps.is_empty() && timetable.segments.last().is_some_and(|s| s.matches.is_none()));
            assert!(timetable.calendar.window.days.contains(&true));
            assert!(timetable.calendar.window.from < timetable.calendar.window.to);
            show(&warnings);
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            show(&problems);
        }
    }
}

fn show(problems: &[Problem]) {
    for problem in problems {
        assert!(!problem.message.is_empty() && problem.help.is_some(), "{problem:?}");
        assert!(problem.line_column().is_some(), "{:?} of {:?}", problem.span, problem.message);
        assert!(problem.render(false).contains("timetable.toml"));
    }
    let starts: Vec<_> = problems.iter().map(|p| p.span.as_ref().map(|s| s.start)).collect();
    assert!(starts.is_sorted(), "{starts:?}");
}

/// Words of the file and what a slip of the pen makes of a value.
const PIECES: [&str; 36] = [
    "\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    "\n",
    ",",
    "#",
    ".",
    "-",
    "0",
    "99999999999",
    "-9223372036854775808",
    "1e9",
    "nan",
    "1.5",
    "\"\"",
    "[]",
    "{}",
    "true",
    "2026-02-30",
    "2026-12-25",
    "12:00",
    "ü",
    "\u{200B}",
    "\0",
    "step",
    "[[step]]\n",
    "[[segment]]\n",
    "id = 5\n",
    "days = {}\n",
    "match = {}\n",
    "[customer.x]\n",
    "[sizes.EUR]\n",
    "renamed_from = \"past-due\"\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_text_is_refused_and_never_a_panic(text in "\\PC{0,200}") {
        is_read_or_refused(&text);
    }

    #[test]
    fn random_bytes_are_refused_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        is_read_or_refused(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn the_shipped_file_with_a_few_slips_is_read_or_refused(
        slips in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(&PIECES[..])), 1..6),
    ) {
        let mut text: Vec<char> = SHIPPED.chars().collect();
        for (at, cut, piece) in slips {
            let from = at.index(text.len());
            let to = (from + cut).min(text.len());
            text.splice(from..to, piece.chars());
        }
        is_read_or_refused(&text.into_iter().collect::<String>());
    }

    #[test]
    fn the_shipped_file_with_other_values_is_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&PIECES[..])), 1..5),
    ) {
        let mut lines: Vec<String> = SHIPPED.lines().map(str::to_owned).collect();
        let keys: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].contains(" = ") && !lines[*n].starts_with('#')).collect();
        for (at, piece) in changes {
            let line = &mut lines[keys[at.index(keys.len())]];
            let key = line.split('=').next().unwrap_or_default().to_owned();
            *line = format!("{key}= {piece}");
        }
        is_read_or_refused(&lines.join("\n"));
    }

    #[test]
    fn the_shipped_file_with_lines_moved_doubled_and_left_out_is_read_or_refused(
        moves in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 1..6),
    ) {
        let mut lines: Vec<&str> = SHIPPED.lines().collect();
        for (from, to, keep) in moves {
            let place = from.index(lines.len());
            let line = lines[place];
            if !keep {
                lines.remove(place);
            }
            lines.insert(to.index(lines.len()), line);
        }
        is_read_or_refused(&lines.join("\n"));
    }
}
