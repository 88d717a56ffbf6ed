//! Files that are not quite what a program writes, and profiles with mistakes.

use super::*;

const QUICKBOOKS: &str = ",Date,Transaction type,Num,Customer full name,Due date,Amount,Open balance\n";

#[test]
fn dates_that_no_row_decides_are_refused_and_a_word_decides_them() {
    let text = format!("{QUICKBOOKS},04/05/2026,Invoice,1,Acme,05/06/2026,1.00,1.00\nTOTAL,,,,,,,1.00\n");
    let refused = read("quickbooks-online-aging-detail", &text).unwrap_err();
    assert!(refused.contains("mm/dd/yyyy or dd/mm/yyyy") && refused.contains("\"04/05/2026\""), "{refused}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.csv");
    std::fs::write(&path, &text).unwrap();
    let told = read_with(&shipped("quickbooks-online-aging-detail"), &[path], "currency = \"USD\"\ndate_format = \"dd/mm/yyyy\"")
        .unwrap();
    assert_eq!(told.invoices[0].0.due_date.to_string(), "2026-06-05");
    let mixed = text.replace("TOTAL", ",25/05/2026,Invoice,2,Acme,05/26/2026,1.00,1.00\nTOTAL");
    let refused = read("quickbooks-online-aging-detail", &mixed).unwrap_err();
    assert!(refused.contains("\"05/26/2026\" can only be mm/dd/yyyy, and \"25/05/2026\" only dd/mm/yyyy"), "{refused}");
}

#[test]
fn a_file_without_its_end_or_its_header_is_refused_whole() {
    let cut = format!("{QUICKBOOKS},04/25/2026,Invoice,1,Acme,05/25/2026,1.00,1.00\n");
    assert!(read("quickbooks-online-aging-detail", &cut).unwrap_err().contains("may be cut off"));
    let other = read("quickbooks-online-aging-detail", "Title\nDate,Num,Due date,Customer\n").unwrap_err();
    assert!(
        other.contains("line 2 comes nearest, without open_balance") && other.contains("kind (\"Transaction type\")"),
        "{other}"
    );
}

#[test]
fn a_total_that_is_not_that_of_the_rows_is_said() {
    let text = format!("{QUICKBOOKS},04/25/2026,Invoice,1,Acme,05/25/2026,1.00,1.00\nTOTAL,,,,,,,\"$1,002.00\"\n");
    assert_eq!(
        read("quickbooks-online-aging-detail", &text).unwrap().remarks,
        ["the file's own total is 1002.00, and its rows add up to 1.00"]
    );
}

#[test]
fn a_bad_row_is_named_by_line_column_and_value_and_the_others_go_on() {
    let good = |n: usize| format!(",04/25/2026,Invoice,{n},Acme,05/25/2026,1.00,1.00\n");
    let bad = ",04/25/2026,Invioce,7,Acme,05/25/2026,1.00,1.00\n\
               ,04/25/2026,Invoice,8,Acme,soon,1.00,1.00\n\
               ,04/25/2026,Invoice,9,Acme,05/25/2026,1.00,x\n\
               ,04/25/2026,Invoice,1,Acme,05/25/2026,1.00,1.00\n\
               ,04/25/2026,Invoice,10,Ac,me,05/25/2026,1.00,1.00\n\
               ,04/25/2026,Invoice,1.5E+11,Acme,05/25/2026,1.00,1.00\n\
               ,04/25/2026,Invoice,,Acme,05/25/2026,1.00,1.00\n";
    let found =
        read("quickbooks-online-aging-detail", &format!("{QUICKBOOKS}{}{}{bad}TOTAL,,,,,,,3\n", good(1), good(2))).unwrap();
    assert_eq!((found.tally.rows, found.tally.bad_rows, found.invoices.len()), (9, 7, 2));
    let said = complaints(&found);
    // The row whose cells have moved is told first.
    for (at, wanted) in [
        (0, "file.csv:8: row \",04/25"),
        (1, "file.csv:4: Transaction type \"Invioce\": [kinds]"),
        (2, "file.csv:5: Due date \"soon\": it is no date"),
        (3, "file.csv:6: Open balance \"x\": "),
        (4, "file.csv:7: Num \"1\": "),
        (5, "file.csv:9: Num \"1.5E+11\": a spreadsheet"),
        (6, "file.csv:10: Num: it is needed"),
    ] {
        let wanted = wanted.replace("row \",04/25", "row \"04/25");
        assert!(said[at].starts_with(&wanted), "{wanted}: {said:#?}");
    }
    assert_eq!(found.left_out, ["7", "8", "9", "1"], "a bad row does not void its invoice");
}

#[test]
fn a_customer_whose_name_begins_with_total_is_a_heading_like_any_other_and_sub_customers_end() {
    let text = ",Type,Date,Num,Due Date,Open Balance\nTotal Energies,,,,,\n,Invoice,04/25/2026,1,05/25/2026,1.00\nEast,,,,,\n\
                ,Invoice,04/25/2026,2,05/25/2026,1.00\nTotal East,,,,,1.00\n,Invoice,04/25/2026,3,05/25/2026,1.00\n\
                Total Total Energies,,,,,3.00\nTOTAL,,,,,3.00\n";
    let found = read("quickbooks-open-invoices", text).unwrap();
    let whose: Vec<&str> = found.invoices.iter().map(|(i, _)| i.customer_id.as_str()).collect();
    assert_eq!((whose, &found.remarks), (vec!["Total Energies", "East", "Total Energies"], &vec![]));
}

#[test]
fn an_own_profile_lies_over_a_shipped_one_and_its_mistakes_have_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let mine = |text: &str| {
        std::fs::write(folder.path().join("mine.toml"), text).unwrap();
        find("mine.toml", folder.path())
    };
    let profile =
        mine("extends = \"quickbooks-open-invoices\"\nid = [\"customer_name\", \"number\"]\n[columns]\nemail = \"Mail\"\n")
            .unwrap();
    assert_eq!((profile.name.as_str(), profile.file.id.len(), profile.file.grand_total.as_deref()), ("mine", 2, Some("TOTAL")));
    let said = |text: &str| {
        let problem = mine(text).unwrap_err().remove(0);
        let (line, column) = problem.line_column().unwrap_or_default();
        format!("{}:{line}:{column} {} ({})", problem.file, problem.message, problem.help.unwrap_or_default())
    };
    assert_eq!(
        said("extends = \"quickbook-open-invoices\"\n").split(" (").next().unwrap(),
        "mine.toml:1:1 there is no profile `quickbook-open-invoices`: did you mean `quickbooks-open-invoices`?"
    );
    assert_eq!(said("lines = \"sums\"\n"), "mine.toml:1:9 unknown word `sums` (did you mean `sum`?)");
    assert_eq!(
        said("extends = \"hledger\"\n[columns]\nnumbr = \"Num\"\n"),
        "mine.toml:3:1 unknown key `numbr` (did you mean `number`?)"
    );
    assert!(said("[columns]\nnumber = \"Num\"\ncustomer_name = \"Name\"\n").contains("nothing says when an invoice is due"));
    assert!(said("date_format = \"dd.mm\"\n").starts_with("mine.toml:1:15 "), "{}", said("date_format = \"dd.mm\"\n"));
    assert!(find("nowhere.toml", folder.path()).unwrap_err()[0].message.contains("cannot be read"));
}

#[test]
fn terms_stand_in_for_a_due_date_that_is_missing() {
    let text = ",Type,Date,Num,Terms,Due Date,Open Balance\nAcme,,,,,,\n,Invoice,04/25/2026,1,Net 30,,1.00\n\
                ,Invoice,04/25/2026,2,On Monday,,1.00\nTotal Acme,,,,,,2.00\nTOTAL,,,,,,2.00\n";
    let found = read("quickbooks-open-invoices", text).unwrap();
    assert_eq!(found.invoices[0].0.due_date.to_string(), "2026-05-25");
    assert!(complaints(&found)[0].starts_with("file.csv:4: Terms \"On Monday\": it does not say"), "{:?}", complaints(&found));
}

#[test]
fn every_shipped_profile_says_where_its_file_comes_from() {
    for name in names() {
        let file = shipped(name).file;
        assert!(file.title.is_some() && file.menu.is_some() && file.checked.is_some() && file.complete, "{name}");
    }
}

#[test]
fn rubbish_is_refused_and_never_panics() {
    for text in ["", "\u{0}\u{0}\u{0}", ",,,\n,,,", "\"", "Type,Num\n\"", "<html>"] {
        for name in names() {
            let _ = read(name, text);
        }
    }
}
