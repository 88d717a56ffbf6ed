use proptest::prelude::*;

use super::{Flaw, Found, Records};
use crate::ledger::record::Record;

fn all(text: &[u8], delimiter: u8) -> Vec<(Found, Vec<String>)> {
    let mut records = Records::new(text, delimiter, 1);
    let (mut record, mut found) = (Record::default(), Vec::new());
    while let Some(next) = records.next(&mut record).unwrap() {
        found.push((next, record.iter().map(str::to_owned).collect()));
    }
    found
}

fn cells(text: &str) -> Vec<Vec<String>> {
    all(text.as_bytes(), b',').into_iter().map(|(_, cells)| cells).collect()
}

fn lines(text: &str) -> Vec<(u64, u64, Option<Flaw>)> {
    all(text.as_bytes(), b',').into_iter().map(|(f, _)| (f.first, f.last, f.flaw)).collect()
}

#[test]
fn lines_end_with_lf_crlf_or_cr() {
    for text in ["a,b\n1,2\n", "a,b\r\n1,2\r\n", "a,b\r1,2\r", "a,b\n1,2", "a,b\r\n\r\n1,2\n\n"] {
        assert_eq!(cells(text), [["a", "b"], ["1", "2"]], "{text:?}");
    }
}

#[test]
fn quotes_protect_delimiters_line_breaks_and_doubled_quotes() {
    assert_eq!(cells("\"a,b\",\"c\r\nd\",\"e \"\"f\"\"\"\n"), [["a,b", "c\nd", "e \"f\""]]);
    assert_eq!(cells("12\" pipe,5' 3\"\n"), [["12\" pipe", "5' 3\""]]);
    assert_eq!(cells("a, \"b, c\" ,d\n"), [["a", "b, c", "d"]]);
}

#[test]
fn a_record_knows_its_lines_across_blank_lines_and_quoted_line_breaks() {
    assert_eq!(lines("a\n\n\n\"b\nb\"\nc"), [(1, 1, None), (4, 5, None), (6, 6, None)]);
    assert_eq!(lines("a\r\n\r\n\"b\r\nb\"\r\nc\r\n"), [(1, 1, None), (3, 4, None), (5, 5, None)]);
}

#[test]
fn blank_rows_and_the_end_mark_of_dos_are_passed_over() {
    assert_eq!(cells("a,b\n,\n , \n1,2\n\u{1A}"), [["a", "b"], ["1", "2"]]);
}

#[test]
fn a_quote_that_is_never_closed_is_a_flaw_of_all_its_lines() {
    assert_eq!(lines("a\n\"b\nc\nd\n"), [(1, 1, None), (2, 4, Some(Flaw::OpenQuote))]);
    assert_eq!(lines("a\n\"b\nc\nd"), [(1, 1, None), (2, 4, Some(Flaw::OpenQuote))]);
}

#[test]
fn a_quote_that_closes_within_another_row_is_a_flaw_and_not_a_value() {
    let text = "1,\"Acme\n2,Beta\n3,\"Gamma\"\n4,Delta\n";
    assert_eq!(lines(text), [(1, 3, Some(Flaw::TextAfterQuote)), (4, 4, None)]);
    assert_eq!(lines("\"Acme \"Tools\" Ltd\",5\n6,7\n"), [(1, 1, Some(Flaw::TextAfterQuote)), (2, 2, None)]);
}

#[test]
fn a_row_without_an_end_is_read_over_and_not_kept() {
    let mut text = b"a\n\"".to_vec();
    text.resize(3 * 1024 * 1024, b'x');
    text.extend_from_slice(b"\"\nb\n");
    let found = all(&text, b',');
    assert_eq!(found.iter().map(|(f, _)| f.flaw).collect::<Vec<_>>(), [None, Some(Flaw::TooLong), None]);
    let commas = vec![b','; 100_000];
    assert_eq!(all(&commas, b',')[0].0.flaw, Some(Flaw::TooLong));
}

#[test]
fn bytes_that_are_not_utf8_are_a_flaw_of_their_row() {
    let found = all(b"a\n\xFC\nb\n", b',');
    assert_eq!(found.iter().map(|(f, _)| f.flaw).collect::<Vec<_>>(), [None, Some(Flaw::NotUtf8), None]);
}

fn cell() -> impl Strategy<Value = String> {
    // What a cell of a ledger may hold; white space at its ends is not kept, so there is none.
    "[a-zé0-9\",;\t\n' €-]{0,8}".prop_map(|text| text.trim().to_owned())
}

proptest! {
    #[test]
    fn what_a_csv_writer_writes_is_read_back_equal(
        rows in prop::collection::vec(prop::collection::vec(cell(), 3), 1..8),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        crlf in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let kept: Vec<_> = rows.into_iter().filter(|r| r.iter().any(|c| !c.is_empty())).collect();
        let found = all(&text, delimiter);
        prop_assert!(found.iter().all(|(f, _)| f.flaw.is_none()));
        prop_assert_eq!(found.into_iter().map(|(_, cells)| cells).collect::<Vec<_>>(), kept);
    }

    #[test]
    fn rubbish_never_panics_and_its_lines_only_rise(
        text in prop::collection::vec(prop::sample::select(b"a,\";\n\r \x1A\xFC\xC3\xA9\0".to_vec()), 0..200),
    ) {
        let mut before = 0;
        for (found, _) in all(&text, b',') {
            prop_assert!(found.first > before && found.last >= found.first);
            before = found.last;
        }
    }
}
