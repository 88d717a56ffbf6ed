//! What a small DNS server of the test's own says of the sender's domain.

use dunningd::message::dkim::{Settings, Signer};
use dunningd::sender::{Dns, Report, Sender, look};

use crate::support::dns::DnsServer;
use crate::support::signatures::{self, KINDS, Key};

const DOMAIN: &str = "us.example";

/// A domain of which nothing is to be said.
fn well_kept() -> DnsServer {
    DnsServer::start()
        .txt(DOMAIN, "some-site-verification=1")
        .txt(DOMAIN, "v=spf1 include:relay.example -all")
        .txt("relay.example", "v=spf1 ip4:192.0.2.0/24 a:out.relay.example ~all")
        .txt("_dmarc.us.example", "v=DMARC1; p=quarantine; rua=mailto:d@us.example")
        .address_of(DOMAIN)
}

/// Nothing but the domain's address and its policy.
fn without_spf() -> DnsServer {
    DnsServer::start().txt("_dmarc.us.example", "v=DMARC1; p=reject").address_of(DOMAIN)
}

fn ask(server: &DnsServer, return_path: &str, ehlo: &str, signer: Option<&Signer>) -> Report {
    let dns = Dns::of(Some(server.address)).unwrap();
    let sender = Sender { from: DOMAIN, return_path, ehlo, signer };
    tokio::runtime::Runtime::new().unwrap().block_on(look(&dns, &sender))
}

/// `code: message; help` of each finding; an error begins with `error`.
fn said(report: &Report) -> Vec<String> {
    let line =
        |f: &dunningd::sender::Finding| format!("{}{}: {}; {}", if f.error { "error " } else { "" }, f.code, f.message, f.help);
    report.findings.iter().map(line).collect()
}

fn found(server: &DnsServer) -> Vec<String> {
    said(&ask(server, DOMAIN, DOMAIN, None))
}

/// The one finding, which begins like this.
fn assert_found(server: DnsServer, begins: &str) {
    let all = found(&server);
    assert!(all.len() == 1 && all[0].starts_with(begins), "{begins}: {all:#?}");
}

fn a_signer(kind: &str) -> (tempfile::TempDir, Key, Signer) {
    let folder = tempfile::tempdir().unwrap();
    let key = signatures::make(folder.path(), kind);
    let settings = Settings { domain: DOMAIN.to_owned(), selector: "s1".to_owned(), key_file: Some(key.file.clone()) };
    let signer = Signer::new(&settings, None, DOMAIN).unwrap();
    (folder, key, signer)
}

#[test]
fn a_domain_that_is_well_kept_is_not_spoken_of() {
    assert!(found(&well_kept()).is_empty());
}

#[test]
fn an_spf_record_that_is_missing_open_double_or_misspelt_is_named() {
    assert_found(without_spf(), "spf-missing: [company] from: us.example, where bounces go, has no SPF record");
    assert_found(without_spf().txt(DOMAIN, "v=spf1 +all"), "error spf-open");
    assert_found(without_spf().txt(DOMAIN, "v=spf1 all"), "error spf-open");
    assert_found(without_spf().txt(DOMAIN, "v=spf1 -all").txt(DOMAIN, "v=spf1 a -all"), "error spf-several");
    assert_found(without_spf().txt(DOMAIN, "v=spf1 ip4:192.0.2.1"), "spf-no-end");
    assert_found(without_spf().txt(DOMAIN, "v=spf1 ip:192.0.2.1 -all"), "error spf-invalid");
    assert_found(without_spf().txt(DOMAIN, "v=spf1 include:gone.example -all"), "error spf-include");
}

#[test]
fn an_spf_record_with_more_than_ten_lookups_does_not_count() {
    let with = |terms: &str| {
        let server = without_spf().txt(DOMAIN, "v=spf1 mx include:one.example redirect=two.example");
        server
            .txt("one.example", &format!("v=spf1 {terms} -all"))
            .txt("two.example", "v=spf1 a mx ptr exists:%{i}.x.example -all")
    };
    assert!(found(&with("a a a")).is_empty(), "3 + 3 + 4 lookups");
    assert_found(with("a a a a"), "error spf-lookups");
}

#[test]
fn a_circle_of_includes_ends() {
    let server =
        without_spf().txt(DOMAIN, "v=spf1 include:one.example -all").txt("one.example", "v=spf1 include:us.example -all");
    assert_found(server, "error spf-lookups");
}

#[test]
fn the_published_key_must_be_the_public_half_of_ours() {
    for kind in KINDS {
        let (_folder, key, signer) = a_signer(kind);
        let with = |record: &str| said(&ask(&well_kept().txt("s1._domainkey.us.example", record), DOMAIN, DOMAIN, Some(&signer)));
        assert!(with(&key.record).is_empty(), "{kind}: {:#?}", with(&key.record));
        let (_other, other, _) = a_signer(kind);
        let different = with(&other.record);
        assert!(
            different[0]
                .starts_with("error dkim-different: [dkim] selector: the record at s1._domainkey.us.example has another key"),
            "{different:#?}"
        );
        assert!(
            different[0].ends_with(&format!("publish this as TXT record of s1._domainkey.us.example: {}", key.record)),
            "{different:#?}"
        );
        assert!(with("v=DKIM1; p=")[0].contains("revokes the key"));
        assert!(with("v=DKIM1; p=%%%")[0].contains("no base64"));
        assert!(with(&format!("t=y; {}", key.record))[0].contains("t=y"));
        let missing = said(&ask(&well_kept(), DOMAIN, DOMAIN, Some(&signer)));
        assert!(missing[0].starts_with("error dkim-missing") && missing[0].ends_with(&key.record), "{missing:#?}");
    }
}

#[test]
fn the_policy_of_the_domain_or_of_one_above_it_counts() {
    let spf = || DnsServer::start().txt(DOMAIN, "v=spf1 -all").address_of(DOMAIN);
    assert_found(spf(), "dmarc-missing: [company] from: us.example has no DMARC record");
    assert_found(spf().txt("_dmarc.us.example", "v=DMARC1; rua=mailto:a@us.example"), "dmarc-invalid");
    let none = ask(&spf().txt("_dmarc.us.example", "v=DMARC1; p=none"), DOMAIN, DOMAIN, None);
    assert!(none.findings.is_empty() && none.notes.iter().any(|n| n.contains("p=none")), "{none:#?}");
    let server = DnsServer::start()
        .txt("_dmarc.us.example", "v=DMARC1; p=reject")
        .txt("mail.us.example", "v=spf1 -all")
        .address_of("mail.us.example");
    let dns = Dns::of(Some(server.address)).unwrap();
    let sender = Sender { from: "mail.us.example", return_path: "mail.us.example", ehlo: "mail.us.example", signer: None };
    let report = tokio::runtime::Runtime::new().unwrap().block_on(look(&dns, &sender));
    assert!(report.findings.is_empty(), "{report:#?}");
}

#[test]
fn a_return_path_elsewhere_and_no_signature_leave_nothing_that_is_aligned() {
    let server = well_kept().txt("bounces.example", "v=spf1 -all");
    let all = said(&ask(&server, "bounces.example", DOMAIN, None));
    assert!(all.len() == 1 && all[0].starts_with("dmarc-alignment: [company] return_path"), "{all:#?}");
    let (_folder, key, signer) = a_signer("ed25519");
    let server = server.txt("s1._domainkey.us.example", &key.record);
    assert!(ask(&server, "bounces.example", DOMAIN, Some(&signer)).findings.is_empty());
    assert!(ask(&well_kept().txt("b.us.example", "v=spf1 -all"), "b.us.example", DOMAIN, None).findings.is_empty());
}

#[test]
fn the_name_in_ehlo_is_a_host_with_an_address() {
    let of = |name: &str| said(&ask(&well_kept(), DOMAIN, name, None));
    assert!(of("box")[0].starts_with("ehlo-name: [relay] helo_name: box, as which we say EHLO, is no full name"));
    assert!(of("gone.us.example")[0].contains("has no address in the DNS"));
    assert!(of("[192.0.2.1]").is_empty());
}

#[test]
fn a_server_that_does_not_answer_is_one_warning() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let dns = Dns::of(Some(silent.local_addr().unwrap())).unwrap();
    let sender = Sender { from: DOMAIN, return_path: DOMAIN, ehlo: DOMAIN, signer: None };
    let report = tokio::runtime::Runtime::new().unwrap().block_on(look(&dns, &sender));
    let all = said(&report);
    assert!(all.len() == 1 && all[0].starts_with("dns: [company] from: the DNS did not answer for us.example"), "{all:#?}");
}
