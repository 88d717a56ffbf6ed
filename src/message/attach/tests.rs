use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

const PDF: &[u8] = b"%PDF-1.4\nbytes\n%%EOF\n";

/// A folder with one document, beside a file that is none of its business.
fn documents() -> (tempfile::TempDir, Settings) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("invoices");
    std::fs::create_dir_all(folder.join("2026")).unwrap();
    std::fs::write(folder.join("2026/1.pdf"), PDF).unwrap();
    std::fs::write(dir.path().join("secret.pdf"), b"%PDF-secret").unwrap();
    let settings = Settings { directory: Some(folder), ..Settings::default() };
    (dir, settings)
}

fn attach(settings: &Settings, paths: &[&str]) -> Result<Attached, String> {
    let wanted: Vec<_> = paths.iter().map(|path| Wanted { number: "2026/1", path }).collect();
    settings.attach(&wanted)
}

/// Why the one document is refused.
fn refused(settings: &Settings, path: &str) -> String {
    attach(settings, &[path]).expect_err(path)
}

#[test]
fn a_document_is_found_below_the_folder_by_a_relative_or_a_whole_path() {
    let (_dir, settings) = documents();
    let folder = settings.directory.clone().unwrap();
    symlink(folder.join("2026"), folder.join("this-year")).unwrap();
    symlink("2026/1.pdf", folder.join("newest.PDF")).unwrap();
    let whole = folder.join("2026/1.pdf").to_str().unwrap().to_owned();
    for path in ["2026/1.pdf", "./2026//1.pdf", "this-year/1.pdf", "newest.PDF", &whole] {
        let attached = attach(&settings, &[path]);
        let one = Attachment { name: "2026-1.pdf".to_owned(), bytes: PDF.to_vec() };
        // A link is known by what it leads to.
        assert_eq!(attached, Ok(Attached { files: vec![one], left_out: vec![] }), "{path}");
    }
    // The folder itself may be a link.
    let (_dir, settings) = documents();
    let link = settings.directory.as_ref().unwrap().with_file_name("link");
    symlink(settings.directory.as_ref().unwrap(), &link).unwrap();
    let whole = link.join("2026/1.pdf").to_str().unwrap().to_owned();
    let settings = Settings { directory: Some(link), ..settings };
    assert_eq!(attach(&settings, &[&whole]).unwrap().files.len(), 1);
}

#[test]
fn nothing_outside_of_the_folder_is_ever_read_or_even_asked_about() {
    let (dir, settings) = documents();
    let folder = settings.directory.clone().unwrap();
    symlink("../secret.pdf", folder.join("out.pdf")).unwrap();
    symlink("..", folder.join("up")).unwrap();
    symlink("/etc/passwd", folder.join("passwd.pdf")).unwrap();
    let whole = dir.path().join("secret.pdf").to_str().unwrap().to_owned();
    let sibling = format!("{}-old/1.pdf", folder.display());
    for path in
        ["../secret.pdf", "../../etc/shadow", "2026/../../secret.pdf", "../invoices/2026/1.pdf", "/etc/passwd", &whole, &sibling]
    {
        assert!(refused(&settings, path).ends_with("is not inside of the folder of [attachments]"), "{path}");
    }
    for path in ["out.pdf", "up/secret.pdf", "passwd.pdf"] {
        assert!(refused(&settings, path).contains("not inside"), "{path}");
    }
    assert!(refused(&settings, "a\0.pdf").contains("is not there"));
    // Not even where missing documents may be left out.
    let lenient = Settings { missing: Otherwise::LeaveOut, too_large: Otherwise::LeaveOut, ..settings };
    assert!(refused(&lenient, "../nothing.pdf").contains("not inside"));
}

#[test]
fn what_is_no_file_is_named_and_holds_up_nothing() {
    let (_dir, settings) = documents();
    let folder = settings.directory.clone().unwrap();
    std::fs::create_dir(folder.join("folder.pdf")).unwrap();
    let made = Command::new("mkfifo").arg(folder.join("pipe.pdf")).status().unwrap();
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket.pdf")).unwrap();
    symlink("loop.pdf", folder.join("loop.pdf")).unwrap();
    for (path, words) in [
        ("folder.pdf", "is a folder, and no file"),
        ("pipe.pdf", "is a pipe, and no file"),
        ("socket.pdf", "is a socket, and no file"),
        ("loop.pdf", "cannot be read"),
        ("", "is the folder itself, and no file"),
        (".", "is the folder itself, and no file"),
    ] {
        assert!(refused(&settings, path).contains(words), "{}", refused(&settings, path));
    }
}

#[test]
fn only_a_pdf_goes_out() {
    let (_dir, settings) = documents();
    let folder = settings.directory.clone().unwrap();
    std::fs::write(folder.join("1.txt"), PDF).unwrap();
    std::fs::write(folder.join("page.pdf"), "<html>").unwrap();
    std::fs::write(folder.join("empty.pdf"), "").unwrap();
    assert!(refused(&settings, "1.txt").ends_with("is no PDF: its name does not end with .pdf"));
    for path in ["page.pdf", "empty.pdf"] {
        assert!(refused(&settings, path).ends_with("is no PDF: it does not begin with %PDF-"), "{path}");
    }
}

#[test]
fn a_missing_document_stops_the_email_unless_it_may_be_left_out() {
    let (_dir, settings) = documents();
    let sentence = "the document \"2026/9.pdf\" of the invoice 2026/1 is not there";
    assert_eq!(refused(&settings, "2026/9.pdf"), sentence);
    assert!(refused(&settings, "2026/1.pdf/x.pdf").contains("is not there"));
    let lenient = Settings { missing: Otherwise::LeaveOut, ..settings };
    let attached = attach(&lenient, &["2026/9.pdf", "2026/1.pdf"]).unwrap();
    assert_eq!((attached.files.len(), attached.left_out), (1, vec![sentence.to_owned()]));
}

#[test]
fn the_documents_of_an_email_are_bounded_together() {
    let (_dir, mut settings) = documents();
    let folder = settings.directory.clone().unwrap();
    let large = [PDF, &[b'x'; 900]].concat();
    for name in ["a.pdf", "b.pdf"] {
        std::fs::write(folder.join(name), &large).unwrap();
    }
    settings.max_size = "1KB".parse().unwrap();
    let error = attach(&settings, &["a.pdf", "b.pdf"]).unwrap_err();
    assert!(error.contains("b.pdf") && error.contains("921 octets (1KB in all: `max_size` of [attachments])"), "{error}");
    let lenient = Settings { too_large: Otherwise::LeaveOut, ..settings.clone() };
    let attached = attach(&lenient, &["a.pdf", "b.pdf", "2026/1.pdf"]).unwrap();
    assert_eq!((attached.files.len(), attached.left_out.len()), (2, 1));
    // 2 GB that take no room: its size is asked, it is not read.
    std::fs::File::create(folder.join("huge.pdf")).unwrap().set_len(2 << 30).unwrap();
    assert!(refused(&settings, "huge.pdf").contains("2147483648 octets"));
}

#[test]
fn a_document_that_is_named_twice_is_attached_once() {
    let (_dir, settings) = documents();
    let wanted = [("1", "2026/1.pdf"), ("2", "./2026/1.pdf")].map(|(number, path)| Wanted { number, path });
    let attached = settings.attach(&wanted).unwrap();
    assert_eq!(attached.files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["1.pdf"]);
}

#[test]
fn without_a_directory_nothing_is_attached_and_a_wrong_one_is_named() {
    let wanted = [Wanted { number: "1", path: "1.pdf" }];
    assert_eq!(Settings::default().attach(&wanted), Ok(Attached::default()));
    let settings = Settings { directory: Some("/nonexistent".into()), ..Settings::default() };
    assert_eq!(settings.attach(&[]), Ok(Attached::default()));
    assert!(settings.attach(&wanted).unwrap_err().contains("the folder /nonexistent of [attachments] cannot be read"));
}

#[test]
fn the_keys_have_their_words() {
    let text = "directory = \"invoices\"\nmax_size = \"500KB\"\ntoo_large = \"leave-out\"\nmissing = \"leave-out\"\n";
    let read: Settings = toml::from_str(text).unwrap();
    assert_eq!((read.too_large, read.missing, read.max_size.octets()), (Otherwise::LeaveOut, Otherwise::LeaveOut, 500_000));
    assert_eq!(toml::from_str::<Settings>(&toml::to_string(&read).unwrap()).unwrap(), read);
    assert_eq!(toml::from_str::<Settings>("").unwrap(), Settings::default());
    for wrong in ["max_size = 5", "missing = \"skip\"", "folder = \"x\""] {
        assert!(toml::from_str::<Settings>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_link_that_is_put_there_after_the_look_leads_nowhere() {
    let (dir, settings) = documents();
    let path = settings.directory.clone().unwrap();
    let folder = Folder::open(&path).unwrap();
    let inside = folder.find("2026/1.pdf").unwrap();
    assert_eq!(folder.read(&inside, 1000), Ok(PDF.to_vec()));
    std::fs::create_dir(dir.path().join("elsewhere")).unwrap();
    std::fs::write(dir.path().join("elsewhere/1.pdf"), b"%PDF-secret").unwrap();
    std::fs::rename(path.join("2026"), path.join("2025")).unwrap();
    symlink("../elsewhere", path.join("2026")).unwrap();
    assert!(folder.read(&inside, 1000).is_err());
    std::fs::remove_file(path.join("2026")).unwrap();
    std::fs::create_dir(path.join("2026")).unwrap();
    symlink("../../secret.pdf", path.join("2026/1.pdf")).unwrap();
    assert_eq!(folder.read(&inside, 1000), Err(Problem::NoFile("a link")));
}
