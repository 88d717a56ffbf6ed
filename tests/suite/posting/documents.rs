//! The invoices' documents, end to end: what goes with an e-mail, and what stops one.

use std::os::unix::fs::symlink;
use std::process::Command;

use mail_parser::{Message, MessageParser, MimeHeaders as _};

use super::*;
use crate::support::company::{LATE_CALL, text};

const SETTINGS: &str = "\n[attachments]\ndirectory = \"invoices\"\n";

fn pdf(octets: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    // Not a text that could be folded or mended on the way.
    bytes.extend((0..octets - bytes.len()).map(|n| u8::try_from(n % 251).unwrap()));
    bytes
}

/// A company with these settings, and an overdue invoice of a customer for each document.
fn with_documents(post: &Post, settings: &str, paths: &[&str]) -> Company {
    let mut company = a_company().with_relay(post.port).with_settings(settings);
    std::fs::create_dir_all(company.path("config/invoices")).unwrap();
    for (n, path) in paths.iter().enumerate() {
        company.given_an_overdue_invoice(&format!("I-{}", n + 1), &format!("C-{}", n + 1));
        company.given_a_document(&format!("I-{}", n + 1), path);
    }
    company.import();
    company
}

fn write(company: &Company, name: &str, bytes: &[u8]) {
    std::fs::write(company.path("config/invoices").join(name), bytes).unwrap();
}

fn parsed(message: &[u8]) -> Message<'_> {
    MessageParser::default().parse(message).unwrap()
}

/// Names and bytes of the attached files.
fn attached(message: &[u8]) -> Vec<(String, Vec<u8>)> {
    let parsed = parsed(message);
    let files = parsed.attachments().map(|a| {
        assert!(a.content_type().is_some_and(|t| t.ctype() == "application" && t.subtype() == Some("pdf")));
        (a.attachment_name().unwrap().to_owned(), a.contents().to_vec())
    });
    files.collect()
}

#[test]
fn the_documents_go_with_the_email_about_their_invoices_and_arrive_as_they_were() {
    let post = Post::kind();
    let mut company = with_documents(&post, SETTINGS, &["1.pdf"]);
    // One more invoice of that customer with the same document, one with its own, and one without any.
    for (id, path) in [("I-2", "1.pdf"), ("I-3", "3.PDF"), ("I-4", "")] {
        company.given_an_overdue_invoice(id, "C-1");
        company.given_a_document(id, path);
    }
    company.import();
    write(&company, "1.pdf", &pdf(100_000));
    write(&company, "3.PDF", &pdf(300));
    let preview = company.run_at(MORNING, &["preview", "past-due", "--invoice", "I-1", "--as", "eml"]).exits(0);
    company.poll_at(MORNING);
    let message = post.only();
    let wanted = [("I-1.pdf".to_owned(), pdf(100_000)), ("I-3.pdf".to_owned(), pdf(300))];
    assert_eq!(attached(&message.message), wanted);
    assert_eq!(attached(preview.out.as_bytes()), wanted);
    // The alternatives come first, and inside of what is mixed.
    assert!(message.header("Content-Type").starts_with("multipart/mixed"), "{}", message.header("Content-Type"));
    let part = |n: usize| parsed(&message.message).parts[n].content_type().unwrap().subtype().unwrap().to_owned();
    assert_eq!([part(0), part(1), part(2), part(3)], ["mixed", "alternative", "plain", "html"]);
    assert!(message.message.split(|b| *b == b'\n').all(|line| line.len() <= 79));
    let sum = Command::new("sha256sum").arg("-").stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn();
    let mut sum = sum.unwrap();
    std::io::Write::write_all(&mut sum.stdin.take().unwrap(), &message.message).unwrap();
    let sum = String::from_utf8(sum.wait_with_output().unwrap().stdout).unwrap();
    assert!(company.state().unwrap().contains(sum.split(' ').next().unwrap()), "the hash in the log is of all of it");
}

#[test]
fn nothing_is_attached_without_a_directory() {
    let post = Post::kind();
    let company = with_documents(&post, "", &["1.pdf"]);
    write(&company, "1.pdf", &pdf(100));
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent"]);
    assert!(attached(&post.only().message).is_empty());
}

#[test]
fn a_step_switches_its_documents_off_or_on() {
    let paid_on = "2026-03-05T09:00:00-05:00";
    for (past_due, thank_you, files) in [("", "", [1, 0]), ("attach = false\n", "attach = true\n", [0, 1])] {
        let post = Post::kind();
        let steps = format!("[[step]]\nid = \"thanks\"\nemail = \"thank-you\"\non = \"paid\"\n{thank_you}");
        let timetable =
            crate::support::company::TIMETABLE.replace("email = \"past-due\"\n", &format!("email = \"past-due\"\n{past_due}"));
        let mut company = with_documents(&post, SETTINGS, &["1.pdf"]).with_timetable(&timetable).with_steps(&steps);
        write(&company, "1.pdf", &pdf(100));
        assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent"]);
        company.given_a_payment("P-1", "C-1", "I-1", "2026-03-05");
        company.import();
        assert_eq!(company.poll_at(paid_on).states(), ["C-1: sent"]);
        let found: Vec<_> = post.accepted().iter().map(|a| attached(&a.message).len()).collect();
        assert_eq!(found, files, "{past_due}");
    }
}

#[test]
fn a_notice_to_a_colleague_has_no_documents() {
    let post = Post::kind();
    let notice = "[[step]]\nid = \"tell\"\nnotify = \"past-due\"\nto = \"boss@us.example\"\ndays = 3\n";
    let company = with_documents(&post, SETTINGS, &["1.pdf"]).with_steps(notice);
    write(&company, "1.pdf", &pdf(100));
    company.poll_at(MORNING);
    let of = |to: &str| post.accepted().into_iter().find(|a| a.to == [to]).unwrap();
    assert_eq!(attached(&of("boss@us.example").message).len(), 0);
    assert_eq!(attached(&of("ap@c-1.example").message).len(), 1);
    let company = company.with_steps(&format!("{}attach = true\n", notice.replace("tell", "tell-all")));
    company.run(&["check", "--offline"]).exits(2).says("`attach` is for e-mails to customers");
}

#[test]
fn a_document_that_is_none_of_ours_fails_its_contact_and_the_others_go() {
    let post = Post::kind();
    let paths = [
        "good.pdf",
        "../../etc/shadow",
        "/etc/passwd",
        "../dunningd.toml",
        "link.pdf",
        "pipe.pdf",
        "folder.pdf",
        "huge.pdf",
        "gone.pdf",
        "page.pdf",
        "text.txt",
        "also-good.pdf",
    ];
    let company = with_documents(&post, SETTINGS, &paths);
    let folder = company.path("config/invoices");
    for name in ["good.pdf", "also-good.pdf", "text.txt"] {
        write(&company, name, &pdf(100));
    }
    write(&company, "page.pdf", b"<html>no PDF</html>");
    symlink("/etc/passwd", folder.join("link.pdf")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.join("pipe.pdf")).status().unwrap().success());
    std::fs::create_dir(folder.join("folder.pdf")).unwrap();
    std::fs::File::create(folder.join("huge.pdf")).unwrap().set_len(2 << 30).unwrap();
    company.poll_at(MORNING);
    let outside = "is not inside of the folder of [attachments]";
    let reasons = [
        outside,
        outside,
        outside,
        outside,
        "is a pipe, and no file",
        "is a folder, and no file",
        "is too large, with 2147483648 octets (5MB in all: `max_size` of [attachments])",
        "is not there",
        "is no PDF: it does not begin with %PDF-",
        "is no PDF: its name does not end with .pdf",
    ];
    let log = company.log();
    for (n, path) in paths.iter().enumerate() {
        let contact = log.iter().find(|c| text(c, "customer") == format!("C-{}", n + 1)).unwrap();
        if path.contains("good") {
            assert_eq!(text(contact, "state"), "sent");
            continue;
        }
        assert_eq!(text(contact, "state"), "failed", "{path}");
        let reason = format!("the document {path:?} of the invoice I-{} {}", n + 1, reasons[n - 1]);
        assert_eq!(text(contact, "reason"), reason);
    }
    assert_eq!(post.accepted().len(), 2);
    for message in post.accepted() {
        assert_eq!(attached(&message.message).len(), 1);
        assert!(!message.text().contains("root:"));
    }
}

#[test]
fn a_document_is_read_again_for_each_try() {
    let post =
        Post::open(Script::offering(&[]).once(At::Rcpt, say("451 4.7.1 greylisted")).once(At::Rcpt, say("451 4.7.1 later")));
    let company = with_documents(&post, SETTINGS, &["1.pdf", "2.pdf"]);
    write(&company, "1.pdf", &pdf(100));
    write(&company, "2.pdf", &pdf(100));
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying", "C-2: retrying"]);
    std::fs::remove_file(company.path("config/invoices/1.pdf")).unwrap();
    write(&company, "2.pdf", &pdf(200));
    company.poll_at("2026-03-04T09:10:00-05:00");
    let log = company.log();
    assert_eq!(states(&log), ["C-1: failed", "C-2: sent"]);
    assert!(text(&log[0], "reason").ends_with("is not there"), "{log:#?}");
    assert_eq!(attached(&post.only().message), [("I-2.pdf".to_owned(), pdf(200))]);
}

#[test]
fn what_may_be_left_out_is_and_it_is_said() {
    let post = Post::kind();
    let settings = format!("{SETTINGS}max_size = \"1KB\"\ntoo_large = \"leave-out\"\nmissing = \"leave-out\"\n");
    let company = with_documents(&post, &settings, &["large.pdf", "gone.pdf"]);
    write(&company, "large.pdf", &pdf(1001));
    let said = company.run_at(MORNING, &["run", "--once"]);
    assert_eq!(states(&company.log()), ["C-1: sent", "C-2: sent"]);
    assert!(post.accepted().iter().all(|a| attached(&a.message).is_empty()));
    for contact in company.log() {
        let id = text(&contact, "contact").to_owned();
        let line = said.err.lines().find(|l| l.contains(&id) && l.contains("sent without a document"));
        let line = line.unwrap_or_else(|| panic!("{said:#?}"));
        assert!(line.contains("large.pdf") || line.contains("gone.pdf"), "{line}");
    }
}

#[test]
fn a_message_that_its_document_makes_too_large_for_the_relay_fails_before_it_is_named() {
    // 900 KB as a file are 1.2 MB in the message.
    let post = Post::open(Script::offering(&["PIPELINING", "SIZE 1000000"]));
    let company = with_documents(&post, SETTINGS, &["1.pdf", "2.pdf"]);
    write(&company, "1.pdf", &pdf(900_000));
    write(&company, "2.pdf", &pdf(900));
    company.poll_at(MORNING);
    assert_eq!(states(&company.log()), ["C-1: failed", "C-2: sent"]);
    let failed = &company.log()[0];
    let reason = text(failed, "reason");
    assert!(reason.contains("octets and the relay takes 1000000"), "{reason}");
    assert_eq!(post.only().to, ["ap@c-2.example"]);
    assert_eq!(post.commands().iter().filter(|c| c.starts_with("MAIL")).count(), 1);
    // Who says so gets the e-mail without the document.
    let post = Post::open(Script::offering(&["PIPELINING", "SIZE 1000000"]));
    let settings = format!("{SETTINGS}max_size = \"700KB\"\ntoo_large = \"leave-out\"\n");
    let company = with_documents(&post, &settings, &["1.pdf"]);
    write(&company, "1.pdf", &pdf(900_000));
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent"]);
    assert!(attached(&post.only().message).is_empty());
}

#[test]
fn check_names_a_folder_that_is_not_there_and_a_step_that_wants_one() {
    let company = a_company().with_steps(LATE_CALL).with_settings(SETTINGS);
    company.run(&["check", "--offline"]).exits(2).says("invoices of [attachments] cannot be read");
    std::fs::create_dir(company.path("config/invoices")).unwrap();
    let said = company.run(&["check", "--offline"]).exits(0);
    assert!(said.out.is_empty() && said.err.is_empty(), "{said:#?}");
    let step = "[[step]]\nid = \"more\"\nemail = \"past-due\"\ndays = 20\nattach = true\n";
    a_company().with_steps(step).run(&["check", "--offline"]).exits(0).says("the step `more` has attach = true");
}
