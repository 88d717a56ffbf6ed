use super::super::Spelling;
use super::{DateFormat, date};

fn read(text: &str, format: &str) -> Result<String, String> {
    let format = DateFormat::try_from(format.to_owned())?;
    date(text, &Spelling::of_files(format, None)).map(|d| d.to_string())
}

fn iso(text: &str) -> Result<String, String> {
    read(text, "yyyy-mm-dd")
}

#[test]
fn an_iso_date_is_read_whatever_the_setting_says() {
    for format in ["yyyy-mm-dd", "dd.mm.yyyy", "mm/dd/yyyy"] {
        assert_eq!(read("2026-03-02", format).unwrap(), "2026-03-02");
        assert_eq!(read("20260302", format).unwrap(), "2026-03-02");
    }
}

#[test]
fn dd_mm_yyyy_with_dots_is_read_when_the_setting_says_so() {
    assert_eq!(read("02.03.2026", "dd.mm.yyyy").unwrap(), "2026-03-02");
    assert_eq!(read("2.3.2026", "dd.mm.yyyy").unwrap(), "2026-03-02");
    assert!(read("02/03/2026", "dd.mm.yyyy").unwrap_err().contains("dd.mm.yyyy"));
}

#[test]
fn mm_dd_yyyy_and_dd_mm_yyyy_are_told_apart_by_the_setting_alone() {
    assert_eq!(read("03/04/2026", "mm/dd/yyyy").unwrap(), "2026-03-04");
    assert_eq!(read("03/04/2026", "DD/MM/YYYY").unwrap(), "2026-04-03");
    assert_eq!(read("9/8/2026", "m/d/yyyy").unwrap(), "2026-09-08");
    assert_eq!(read("9/8/26", "m/d/yy").unwrap(), "2026-09-08");
    assert_eq!(read("8 Sep 2026", "d mmm yyyy").unwrap(), "2026-09-08");
    assert!(read("13/04/2026", "mm/dd/yyyy").unwrap_err().contains("no day"));
}

#[test]
fn an_ambiguous_date_is_an_error_that_names_both_readings_and_the_setting() {
    let problem = iso("03/04/2026").unwrap_err();
    assert!(problem.contains("2026-03-04") && problem.contains("2026-04-03"), "{problem}");
    assert!(problem.contains("`date_format`") && problem.contains("[import]"), "{problem}");
    assert!(iso("13/04/2026").unwrap_err().contains("`date_format`"));
    assert!(iso("02.03.2026").unwrap_err().contains("`date_format`"));
}

#[test]
fn a_timestamp_at_midnight_is_a_day_and_any_other_is_refused() {
    for text in [
        "2026-03-02T00:00:00",
        "2026-03-02 00:00",
        "2026-03-02T00:00:00.000Z",
        "2026-03-02 00:00:00+00",
        "2026-03-02T00:00:00-05:00",
    ] {
        assert_eq!(iso(text).as_deref(), Ok("2026-03-02"), "{text}");
    }
    assert_eq!(read("3/2/2026 12:00:00 AM", "mm/dd/yyyy").unwrap(), "2026-03-02");
    for text in ["2026-03-02T23:00:00Z", "2026-03-02 12:00:00", "2026-03-02 12:00 PM", "2026-03-02 00:00:01", "2026-03-02 :"] {
        assert!(iso(text).unwrap_err().contains("time of day"), "{text}");
    }
}

#[test]
fn what_is_no_day_is_refused() {
    for text in [
        "2026-02-30",
        "0203-01-01",
        "1900-01-01",
        "9999-01-01",
        "2026-13-01",
        "2026-00-10",
        "",
        "soon",
        "2026-03",
        "２０２６-03-02",
    ] {
        assert!(iso(text).is_err(), "{text}");
    }
    assert!(iso("46083").unwrap_err().contains("day number"));
}

#[test]
fn a_format_that_leaves_a_doubt_is_no_format() {
    for format in ["yyyy-dd-mm", "ddmmyyyy", "dd.mm", "dd.dd.yyyy", "yyy-mm-dd", "", "dd.mm.yyyy hh"] {
        assert!(DateFormat::try_from(format.to_owned()).is_err(), "{format}");
    }
}
