//! Every odd spelling of a whole file that L4 names.

use encoding_rs::WINDOWS_1252;

use super::{CUSTOMERS, CsvError, complaint, import, read, try_read};
use crate::ledger::Customer;
use crate::ledger::settings::Import;

fn names(bytes: impl AsRef<[u8]>, toml: &str) -> Vec<String> {
    let (rows, tally) = read::<Customer>(bytes, toml);
    assert_eq!((tally.bad_rows, tally.rows), (0, rows.len() as u64), "{:?}", tally.bad);
    rows.into_iter().map(|c| c.name).collect()
}

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{FEFF}" } else { "" };
    let unit = |u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() };
    format!("{mark}{text}").encode_utf16().flat_map(unit).collect()
}

fn error(bytes: impl AsRef<[u8]>) -> String {
    try_read::<Customer>(bytes, &Import::default()).unwrap_err().to_string()
}

const NAMES: [&str; 2] = ["Müller & Söhne", "Crédit Ltd"];

#[test]
fn utf8_is_read_with_and_without_its_mark() {
    assert_eq!(names(CUSTOMERS, ""), NAMES);
    assert_eq!(names(format!("\u{FEFF}{CUSTOMERS}"), ""), NAMES);
}

#[test]
fn utf16_is_read_in_both_orders_with_and_without_its_mark() {
    for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
        assert_eq!(names(utf16(CUSTOMERS, big, mark), ""), NAMES, "{big} {mark}");
        assert_eq!(names(utf16(CUSTOMERS, big, mark), "encoding = \"utf-16\""), NAMES, "{big} {mark}");
    }
}

#[test]
fn windows_1252_is_read_when_the_bytes_are_not_utf8() {
    let (bytes, _, _) = WINDOWS_1252.encode("id;name\nC1;Müller & Söhne\nC2;5 € – “quoted”\n");
    assert_eq!(names(&bytes, ""), ["Müller & Söhne", "5 € – “quoted”"]);
    assert_eq!(names(&bytes, "encoding = \"windows-1252\""), ["Müller & Söhne", "5 € – “quoted”"]);
}

#[test]
fn the_first_odd_byte_may_come_late() {
    let mut text = String::from("id,name\n");
    for n in 0..20_000 {
        text.push_str(&format!("C{n},Plain Name {n}\n"));
    }
    text.push_str("CX,Müller\n");
    assert_eq!(names(&text, "").last().unwrap(), "Müller");
    let (bytes, _, _) = WINDOWS_1252.encode(&text);
    assert_eq!(names(&bytes, "").last().unwrap(), "Müller");
}

#[test]
fn characters_that_lie_across_the_edge_of_a_buffer_stay_whole() {
    for shift in 0..4 {
        let text = format!("id,name\nC1,{}{}\n", "x".repeat(shift), "é€😀".repeat(20_000));
        let name = text.lines().nth(1).unwrap().strip_prefix("C1,").unwrap().to_owned();
        assert_eq!(names(&text, ""), std::slice::from_ref(&name));
        assert_eq!(names(utf16(&text, false, true), ""), [name]);
    }
}

#[test]
fn a_damaged_byte_in_a_utf8_file_costs_its_row_and_no_other() {
    let mut bytes = CUSTOMERS.as_bytes().to_vec();
    bytes.extend_from_slice(b"C3,M\xFCller,\nC4,Last,\n");
    let (rows, tally) = read::<Customer>(&bytes, "");
    assert_eq!(rows.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["C1", "C2", "C4"]);
    let said = complaint(&tally);
    assert!(said.starts_with("file.csv:4: row: ") && said.contains("not UTF-8") && said.contains("`encoding`"), "{said}");
    let (rows, tally) = read::<Customer>(b"id,name\nC1,M\xFCller\nC2,b\n", "encoding = \"utf-8\"");
    assert_eq!((rows.len(), tally.bad_rows), (1, 1));
}

#[test]
fn comma_semicolon_and_tab_are_found_in_the_header_line() {
    for delimiter in [",", ";", "\t"] {
        assert_eq!(names(CUSTOMERS.replace(',', delimiter), ""), NAMES, "{delimiter:?}");
    }
    // More commas than semicolons, but only semicolons make columns that are known.
    assert_eq!(names("id;\"a,b,c,d\";name\n1;x;Acme\n", ""), ["Acme"]);
    assert_eq!(names("id;price, net, of tax;name\n1;x;Acme\n", ""), ["Acme"]);
}

#[test]
fn a_set_delimiter_is_taken_as_it_is() {
    assert_eq!(names(CUSTOMERS.replace(',', ";"), "delimiter = \";\""), NAMES);
    assert_eq!(names(CUSTOMERS.replace(',', "\t"), "delimiter = \"tab\""), NAMES);
    assert!(try_read::<Customer>(CUSTOMERS, &import("delimiter = \";\"")).is_err());
}

#[test]
fn the_sep_line_of_excel_is_understood_and_keeps_the_lines_right() {
    for first in ["sep=;\r\n", "SEP=;\n", "\"sep=;\"\r\n", "\u{FEFF}sep=;\r\n"] {
        let (rows, tally) = read::<Customer>(format!("{first}id;name\r\nC1;Acme\r\n;Nobody\r\n"), "");
        assert_eq!(rows.len(), 1);
        assert!(complaint(&tally).starts_with("file.csv:4: id: it is needed"), "{first:?}");
    }
}

#[test]
fn crlf_and_cr_end_lines_as_lf_does() {
    assert_eq!(names(CUSTOMERS.replace('\n', "\r\n"), ""), NAMES);
    assert_eq!(names(CUSTOMERS.replace('\n', "\r"), ""), NAMES);
}

#[test]
fn a_quoted_line_break_stays_in_its_cell() {
    assert_eq!(names("id,name\r\n1,\"Acme\r\nTools\"\r\n2,Beta\r\n", ""), ["Acme\nTools", "Beta"]);
}

#[test]
fn header_names_are_read_in_any_case_and_spelling() {
    let (rows, _) = read::<Customer>("\"ID\"; Name ;Do-Not Contact;AccountManager\n1;Acme;YES;Boss@X.test\n", "");
    assert!(rows[0].do_not_contact);
    assert_eq!(rows[0].account_manager.as_ref().unwrap().to_string(), "Boss@x.test");
}

#[test]
fn a_header_without_a_needed_column_names_the_file_the_columns_and_the_nearest() {
    let said = error("\nid,nmae,email\n1,Acme,\n");
    assert!(said.contains("file.csv:2: ") && said.contains("`name` is missing"), "{said}");
    assert!(said.contains("\"id\", \"nmae\", \"email\"") && said.contains("if \"nmae\" is meant"), "{said}");
}

#[test]
fn a_header_with_a_doubled_column_is_an_error() {
    let said = error("id,name,NAME\n1,Acme,\n");
    assert!(said.contains("file.csv:1: ") && said.contains("\"NAME\" stands there twice"), "{said}");
}

#[test]
fn what_is_no_csv_file_says_so() {
    assert!(error("").contains("it is empty"));
    assert!(error("\u{FEFF}\r\n").contains("it is empty"));
    assert!(error("PK\u{3}\u{4}rest").contains("workbook"));
    assert!(error("id,\"name\n1,Acme\n").contains("file.csv:1: the header line cannot be read: a quote is opened"));
    let missing = std::path::Path::new("no-such-folder/customers.csv");
    let said = super::Rows::<Customer>::open(missing, &Import::default()).unwrap_err();
    assert!(matches!(&said, CsvError::Unreadable { .. }) && said.to_string().contains("customers.csv"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let said = super::Rows::<Customer>::open(folder.path(), &Import::default()).unwrap_err().to_string();
    assert!(said.contains("directory"), "{said}");
}

#[test]
fn columns_without_a_name_are_passed_over_while_they_are_empty() {
    assert_eq!(names(",id,name,,\nx,1,Acme,,\n,2,Beta\n", ""), ["Acme", "Beta"]);
    let (_, tally) = read::<Customer>("id,name,\n1,Acme, Inc\n", "");
    assert!(complaint(&tally).contains("file.csv:2: row: it has 3 cells where the header line names 2"));
}
