use super::*;

#[test]
fn a_domain_answers_for_itself_and_for_what_is_below_it() {
    assert!(is_aligned("example.com", "example.com") && is_aligned("Example.com", "mail.example.com"));
    for other in ["ample.com", "mail.example.com", "example.org", "com.example"] {
        assert!(!is_aligned(other, "example.com"), "{other}");
    }
}

#[test]
fn each_wrong_key_is_named() {
    let settings =
        |domain: &str, selector: &str| Settings { domain: domain.to_owned(), selector: selector.to_owned(), key_file: None };
    assert_eq!(settings("example.com", "2026.a_b-1").problems("mail.example.com"), []);
    let keys = |s: Settings| s.problems("example.com").into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys(settings("com", "-x")), ["domain", "selector"]);
    assert_eq!(keys(settings("example.org", "s")), ["domain"]);
    assert_eq!(keys(settings("example.com", "s..t")), ["selector"]);
}
