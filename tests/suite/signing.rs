//! DKIM, verified by another implementation over the bytes that left (D11).

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use dunningd::address::EmailAddress;
use dunningd::message::dkim::{Settings, Signer};
use dunningd::message::{Headers, Message, Rendered, build};

use crate::support::company::{Company, LATE_CALL, MORNING, a_company};
use crate::support::post::Post;
use crate::support::relay::{At, Script, say};
use crate::support::signatures::{self, KINDS, Key, verify};

const NAME: &str = "s1._domainkey.us.example";

fn table(key: &Path) -> String {
    format!("\n[dkim]\ndomain = \"us.example\"\nselector = \"s1\"\nkey_file = {key:?}\n")
}

/// A company that signs with a new key of this kind.
fn that_signs(kind: &str, post: &Post) -> (Company, Key) {
    let mut company = a_company().with_relay(post.port);
    let key = signatures::make(&company.path("config"), kind);
    company = company.with_settings(&table(&key.file));
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    (company, key)
}

/// A header's line is changed in its value: its first letter or digit is another one.
fn with_header_changed(message: &[u8], name: &str) -> Vec<u8> {
    let mut changed = message.to_vec();
    let text = String::from_utf8_lossy(message).to_ascii_lowercase();
    let at = text.find(&format!("\r\n{}:", name.to_ascii_lowercase())).unwrap() + name.len() + 3;
    let at = at + message[at..].iter().position(u8::is_ascii_alphanumeric).unwrap();
    changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
    changed
}

#[test]
fn another_implementation_accepts_what_leaves_and_nothing_that_was_changed() {
    for kind in KINDS {
        let post = Post::kind();
        let (company, key) = that_signs(kind, &post);
        let company = company
            .with_company("list_unsubscribe = \"https://us.example/stop?c={contact}\"\n")
            .with_settings("\n[attachments]\ndirectory = \"invoices\"\n");
        std::fs::create_dir(company.path("config/invoices")).unwrap();
        std::fs::write(company.path("config/invoices/1.pdf"), b"%PDF-1.4 \n\n \n").unwrap();
        let mut company = company;
        company.given_a_document("I-1", "1.pdf");
        company.import();
        company.poll_at(MORNING);
        let signed = post.only().message;
        assert!(signed.starts_with(b"DKIM-Signature: v=1; "), "{}", post.only().text());
        let mut messages = vec![signed.clone()];
        // Whatever a reader or his program acts upon.
        let names = [
            "From",
            "To",
            "Reply-To",
            "Subject",
            "Date",
            "Message-ID",
            "MIME-Version",
            "Content-Type",
            "Auto-Submitted",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
            "X-Dunningd-Contact",
        ];
        let named = post.only().header("DKIM-Signature").replace(' ', "");
        let named = named.split("h=").nth(1).unwrap().split(';').next().unwrap().split(':').collect::<Vec<_>>();
        let mut wanted = [&names[..], &["From"]].concat();
        let mut found = named.clone();
        wanted.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, wanted);
        messages.extend(names.map(|name| with_header_changed(&signed, name)));
        messages.push([&b"From: Somebody <else@evil.example>\r\n"[..], &signed].concat());
        // Bytes of the body, all over it.
        let body = String::from_utf8_lossy(&signed).find("\r\n\r\n").unwrap() + 4;
        let solid: Vec<usize> = (body..signed.len()).filter(|at| signed[*at].is_ascii_alphanumeric()).collect();
        for at in solid.iter().step_by(solid.len() / 20) {
            let mut changed = signed.clone();
            changed[*at] ^= 1;
            messages.push(changed);
        }
        messages.push([&signed[..], b"One line more.\r\n"].concat());
        // A relay may fold, and end with more empty lines: that is what the relaxed form is for.
        let text = String::from_utf8(signed.clone()).unwrap();
        let refolded = text.replace("Auto-Submitted: ", "auto-submitted:\r\n\t  ") + "\r\n\r\n";
        messages.push(refolded.into_bytes());
        let verdicts = verify(&key, NAME, &messages);
        assert_eq!((verdicts[0].as_str(), verdicts.last().unwrap().as_str()), ("good", "good"), "{kind}");
        for (n, verdict) in verdicts.iter().enumerate().take(messages.len() - 1).skip(1) {
            assert!(verdict.starts_with("bad"), "{kind}: change {n} was not noticed: {verdict}");
        }
        let stranger = signatures::make(&company.path("config"), "rsa");
        assert!(verify(&stranger, NAME, &[signed])[0].starts_with("bad"));
    }
}

fn message(text: &str, html: Option<&str>, from: &str) -> Message {
    let address = |text: &str| EmailAddress::parse(text).unwrap();
    let headers = Headers {
        message_id: "<01J.1@us.example>".to_owned(),
        date: chrono::DateTime::parse_from_rfc3339(MORNING).unwrap(),
        contact: "01J".to_owned(),
        from: from.parse().unwrap(),
        sender: address("bounce@us.example"),
        reply_to: None,
        to: vec![address("jürgen@firma.example").into()],
        cc: vec![address("cc@firma.example").into()],
        list_unsubscribe: None,
        in_reply_to: Some("<0@us.example>".to_owned()),
        references: (0..9).map(|n| format!("<{n:0>60}@us.example>")).collect(),
        attachments: vec![],
    };
    let rendered = Rendered {
        language: "en".to_owned(),
        subject: format!("Größe {}", "W".repeat(300)),
        text: text.to_owned(),
        html: html.map(str::to_owned),
    };
    build(&rendered, &headers).unwrap()
}

#[test]
fn whatever_the_text_the_signature_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let text = " lead\n\ttab \t two  spaces \n\n\n.\n..\nFrom here\n=20\nÜ\r\n\0\u{7}end";
    for kind in KINDS {
        let key = signatures::make(folder.path(), kind);
        let toml = format!("domain = \"us.example\"\nselector = \"s1\"\nkey_file = {:?}", key.file);
        let signer = Signer::new(&toml::from_str::<Settings>(&toml).unwrap(), None, "us.example").unwrap();
        let texts = ["", "\n\n\n", " ", "x", "x\n\n\n\n", " \n \t\n x \n", text];
        let mut messages = Vec::new();
        for (text, html) in texts.iter().flat_map(|t| [(t, None), (t, Some(*t))]) {
            let unsigned = message(text, html, "Us, Inc. \"Ü\" <ar@us.example>");
            let signed = signer.sign(unsigned.clone()).unwrap();
            assert!(signed.bytes.ends_with(&unsigned.bytes), "only a header is added");
            let named =
                String::from_utf8_lossy(&signed.bytes).split(';').find(|t| t.contains("h=From")).unwrap().replace("\r\n ", "");
            assert_eq!(
                named.trim(),
                "h=From:To:Cc:Subject:Date:Message-ID:In-Reply-To:References:MIME-Version:Content-Type:Auto-Submitted:\
                 X-Dunningd-Contact:From"
            );
            assert_eq!(signer.sign(unsigned).unwrap().sha256(), signed.sha256(), "each time the same");
            assert!(signed.bytes.split(|b| *b == b'\n').all(|line| line.len() <= 79 || !line.starts_with(b" ")));
            messages.push(signed.bytes);
        }
        let verdicts = verify(&key, NAME, &messages);
        assert!(verdicts.iter().all(|v| v == "good"), "{kind}: {verdicts:#?}");
    }
}

#[test]
fn a_message_that_is_tried_again_is_signed_again() {
    let post = Post::open(Script::offering(&["PIPELINING"]).once(At::Dot, say("451 4.3.0 later")));
    let (company, key) = that_signs("ed25519", &post);
    company.poll_at(MORNING);
    assert_eq!(company.poll_at("2026-03-04T09:10:00-05:00").states(), ["C-1: sent"]);
    assert_eq!(verify(&key, NAME, &[post.only().message]), ["good"]);
}

#[test]
fn a_test_email_is_signed_as_the_others_are() {
    let post = Post::kind();
    let (company, key) = that_signs("rsa", &post);
    company.run(&["send-test", "me@firma.example"]).exits(0);
    assert_eq!(verify(&key, NAME, &[post.only().message]), ["good"]);
}

#[test]
fn a_preview_is_signed_where_the_key_may_be_read_and_shown_without_where_not() {
    let post = Post::kind();
    let (company, key) = that_signs("rsa", &post);
    let preview = || company.run_at(MORNING, &["preview", "past-due", "--invoice", "I-1", "--as", "eml"]).exits(0);
    assert_eq!(verify(&key, NAME, &[preview().out.into_bytes()]), ["good"]);
    std::fs::remove_file(&key.file).unwrap();
    let said = preview();
    assert!(said.err.contains("shown without its signature: [dkim] key_file") && !said.out.contains("DKIM"), "{said:#?}");
    // What only looks needs no key; what sends does.
    company.run_at(MORNING, &["plan"]).exits(0);
    company.run_at(MORNING, &["run", "--once"]).exits(2).says("[dkim] key_file");
    company.run_at(MORNING, &["send-test", "me@firma.example"]).exits(2).says("[dkim] key_file");
    assert!(post.accepted().is_empty());
}

#[test]
fn check_says_nothing_of_a_good_key_and_names_what_is_wrong_with_another() {
    let post = Post::kind();
    let (company, key) = that_signs("rsa", &post);
    let company = company.with_steps(LATE_CALL);
    let said = company.run(&["check"]).exits(0);
    assert!(said.out.is_empty() && said.err.is_empty(), "{said:#?}");
    let refused = |words: &str| {
        let said = company.run(&["check", "--offline"]).exits(2).says("[dkim] key_file").says(words);
        assert!(!said.err.contains("BEGIN") && !said.err.contains("MII"), "{said:#?}");
    };
    let pem = std::fs::read_to_string(&key.file).unwrap();
    for mode in [0o640, 0o604] {
        std::fs::set_permissions(&key.file, std::fs::Permissions::from_mode(mode)).unwrap();
        refused("chmod 600");
    }
    std::fs::set_permissions(&key.file, std::fs::Permissions::from_mode(0o600)).unwrap();
    for (text, words) in [
        ("", "is empty"),
        ("no key", "holds no private key in PEM"),
        (&pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), "is protected by a passphrase"),
        (&pem.replace("PRIVATE KEY", "PUBLIC KEY"), "holds no private key in PEM"),
        (&pem.replace("PRIVATE KEY", "EC PRIVATE KEY"), "neither RSA nor Ed25519"),
    ] {
        std::fs::write(&key.file, text).unwrap();
        refused(words);
    }
    let path = key.file.to_str().unwrap();
    let small = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", path];
    assert!(std::process::Command::new("openssl").args(small).output().unwrap().status.success());
    refused("2048 to 4096 bits");
}

#[test]
fn a_domain_that_does_not_answer_for_the_sender_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = signatures::make(folder.path(), "ed25519");
    for (domain, selector, words) in [
        ("other.example", "s1", "neither us.example, the domain of [company] from, nor one above it"),
        ("mail.us.example", "s1", "neither us.example"),
        ("s.example", "s1", "neither us.example"),
        ("example", "s1", "is no domain"),
        ("us.example; x=1", "s1", "is no domain"),
        ("us.example", "s 1", "is no selector"),
        ("us.example", "", "is no selector"),
    ] {
        let table = format!("\n[dkim]\ndomain = {domain:?}\nselector = {selector:?}\nkey_file = {:?}\n", key.file);
        a_company().with_settings(&table).run(&["check", "--offline"]).exits(2).says(words);
    }
}

#[test]
fn the_credential_of_systemd_comes_first_and_is_enough() {
    let post = Post::kind();
    let mut company = a_company().with_relay(post.port);
    let key = signatures::make(&company.path("config"), "ed25519");
    let credentials = company.path("credentials");
    std::fs::create_dir(&credentials).unwrap();
    std::fs::copy(&key.file, credentials.join("dkim-key")).unwrap();
    // systemd shows an ACL as bits of the group.
    std::fs::set_permissions(credentials.join("dkim-key"), std::fs::Permissions::from_mode(0o440)).unwrap();
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    for table in ["\n[dkim]\ndomain = \"us.example\"\nselector = \"s1\"\n".to_owned(), table(Path::new("/nonexistent"))] {
        let company = a_company().with_relay(post.port).with_settings(&table);
        company.run(&["check", "--offline"]).exits(2).says("[dkim] key_file");
        let mut command = company.command(&["send-test", "me@firma.example"]);
        let done = command.env("CREDENTIALS_DIRECTORY", &credentials).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let messages: Vec<_> = post.accepted().into_iter().map(|a| a.message).collect();
    assert_eq!(verify(&key, NAME, &messages), ["good", "good"]);
}
