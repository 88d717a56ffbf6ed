use super::*;

fn an_inbox(folder: &Path) -> Inbox {
    Inbox {
        folder: folder.to_owned(),
        profiles: BTreeMap::from([("qb-*.csv".to_owned(), "quickbooks-open-invoices".to_owned())]),
        replace: false,
        settle: Duration::ZERO,
        import: Import::default(),
        max_bad_rows: MaxBadRows::default(),
        beside: PathBuf::new(),
    }
}

#[test]
fn a_pattern_has_stars() {
    assert!(fits("qb-*.csv", "qb-2026.csv") && fits("*", "") && fits("a*b*c", "axxbyyc") && fits("x/*.csv", "x/1.csv"));
    assert!(!fits("qb-*.csv", "qb.csv") && !fits("a", "ab") && !fits("é*a", "é"));
}

#[test]
fn links_hidden_files_and_those_that_are_being_written_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = an_inbox(folder.path());
    inbox.make().unwrap();
    fs::create_dir(folder.path().join("xero-invoices")).unwrap();
    for name in ["QB-1.csv", "invoices.csv", "other.csv", ".hidden.csv", "x.csv.part", "xero-invoices/a.csv", "done/b.csv"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("payments.csv")).unwrap();
    std::os::unix::fs::symlink("/etc", folder.path().join("zoho-books")).unwrap();
    let mut found: Vec<(String, Reads)> = inbox.waiting().unwrap().into_iter().map(|w| (w.name, w.reads)).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let profile = |name: &str| Reads::Profile(name.to_owned());
    assert_eq!(
        found,
        [
            ("QB-1.csv".to_owned(), profile("quickbooks-open-invoices")),
            ("invoices.csv".to_owned(), Reads::Invoices),
            ("other.csv".to_owned(), Reads::Unknown),
            ("xero-invoices/a.csv".to_owned(), profile("xero-invoices")),
        ]
    );
}

#[test]
fn a_file_that_grows_between_two_looks_is_not_whole() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = an_inbox(folder.path());
    fs::write(folder.path().join("invoices.csv"), "x").unwrap();
    fs::write(folder.path().join("payments.csv"), "x").unwrap();
    let before = inbox.waiting().unwrap();
    fs::write(folder.path().join("payments.csv"), "xy").unwrap();
    let names: Vec<String> = whole(&before, inbox.waiting().unwrap()).into_iter().map(|w| w.name).collect();
    assert_eq!(names, ["invoices.csv"]);
}

#[test]
fn plain_files_that_wait_together_are_read_together_and_a_second_one_of_a_set_afterwards() {
    let file = |name: &str, reads: Reads| Waiting {
        path: PathBuf::from(name),
        name: name.to_owned(),
        reads,
        size: 1,
        changed: SystemTime::UNIX_EPOCH,
    };
    let hledger = || Reads::Profile("hledger".to_owned());
    let files = vec![
        file("invoices-1", Reads::Invoices),
        file("print", hledger()),
        file("invoices-2", Reads::Invoices),
        file("payments", Reads::Payments),
        file("balance", hledger()),
        file("a", Reads::Profile("zoho-books".to_owned())),
        file("b", Reads::Profile("zoho-books".to_owned())),
    ];
    let names: Vec<Vec<String>> =
        batches(files, |name| name == "hledger").into_iter().map(|b| b.files.into_iter().map(|f| f.name).collect()).collect();
    assert_eq!(names, [vec!["invoices-1", "payments"], vec!["print", "balance"], vec!["invoices-2"], vec!["a"], vec!["b"]]);
}

#[test]
fn one_at_a_time_empties_the_folder_and_a_link_in_the_place_of_the_lock_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = an_inbox(folder.path());
    let first = inbox.lock().unwrap();
    assert!(first.is_some() && inbox.lock().unwrap().is_none());
    drop(first);
    assert!(inbox.lock().unwrap().is_some());
    let other = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(folder.path().join("made"), other.path().join(LOCK)).unwrap();
    assert!(an_inbox(other.path()).lock().is_err() && !folder.path().join("made").exists());
}
