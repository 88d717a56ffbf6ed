//! The SQLite file (D8, D10): what is written is on the disk before anything is said, a lock or a full disk is waited for,
//! and a file that is gone, another one, or damaged ends the sending.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use dunningd::database::Database;

use crate::support::company::{Company, MORNING, Running, a_company_with_a_file, text};
use crate::support::post::{Post, wait_until};
use crate::support::relay::Script;
use crate::support::state;

const CUSTOMERS: usize = 200;

fn slow_relay() -> Post {
    Post::open(Script { thinks: Duration::from_millis(5), ..Script::offering(&["PIPELINING"]) })
}

fn company(post: &Post, customers: usize) -> Company {
    let mut company = a_company_with_a_file().with_relay(post.port);
    for number in 0..customers {
        company.given_an_overdue_invoice(&format!("I-{number}"), &format!("C-{number}"));
    }
    company.import();
    company
}

fn assert_all_sent_once(post: &Post, company: &Company, customers: usize) {
    let mut to: Vec<String> = post.accepted().into_iter().map(|m| m.to[0].clone()).collect();
    to.sort();
    to.dedup();
    assert_eq!((to.len(), post.accepted().len()), (customers, customers), "everybody got it, and once");
    assert!(company.log().iter().all(|c| text(c, "state") == "sent"));
}

/// Nothing is begun any more: what was on its way has been heard.
fn wait_until_the_relay_is_idle(post: &Post) -> usize {
    wait_until("the relay has nothing to do", || {
        let before = post.accepted().len();
        std::thread::sleep(Duration::from_millis(400));
        post.accepted().len() == before
    });
    post.accepted().len()
}

#[test]
fn every_connection_waits_for_the_disk_at_each_commit() {
    let company = company(&Post::kind(), 1);
    let level = "SELECT synchronous AS n FROM pragma_synchronous";
    assert_eq!(state::numbers(&company.database(), level), [2], "FULL");
}

#[test]
fn the_intent_is_on_the_disk_before_the_first_byte_of_mail_from_is_written() {
    let (post, company) = {
        let post = Post::kind();
        let company = company(&post, 3);
        (post, company)
    };
    let trace = company.path("trace");
    let plain = company.command(&["--now", MORNING, "run", "--once"]);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-s", "64", "-e", "trace=write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync", "-o"]).arg(&trace);
    strace.arg(plain.get_program()).args(plain.get_args()).env_clear().current_dir(company.path(""));
    let done =
        strace.stdin(Stdio::null()).output().expect("strace is not installed, and this test needs it: apt-get install strace");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(post.accepted().len(), 3);
    let text = std::fs::read_to_string(&trace).unwrap();
    let (mut unsynced, mut synced, mut mails) = (false, 0, 0);
    let mut syncing: std::collections::BTreeMap<&str, bool> = std::collections::BTreeMap::new();
    for line in text.lines() {
        let process = line.split_whitespace().next().unwrap_or_default();
        let is_sync = line.contains("fsync(") || line.contains("fdatasync(");
        if line.contains("pwrite64(") && line.contains(".db-wal>") {
            unsynced = true;
        } else if is_sync && line.contains(".db-wal>") {
            if line.contains("<unfinished") {
                syncing.insert(process, true);
            } else {
                assert!(line.trim_end().ends_with("= 0"), "{line}");
                (unsynced, synced) = (false, synced + 1);
            }
        } else if line.trim_end().ends_with("= ?") {
            // The process ended meanwhile.
        } else if line.contains("sync resumed>") && syncing.remove(process).is_some() {
            assert!(line.trim_end().ends_with("= 0"), "{line}");
            (unsynced, synced) = (false, synced + 1);
        } else if line.contains("\"MAIL FROM") {
            assert!(synced > 0 && !unsynced, "before the log was on the disk: {line}");
            mails += 1;
        }
    }
    assert!(mails >= 1 && synced >= 2, "{mails} MAIL FROM and {synced} syncs were seen in {text}");
}

#[test]
fn a_lock_that_another_process_holds_for_more_than_a_minute_is_waited_for() {
    let post = slow_relay();
    let company = company(&post, CUSTOMERS);
    let child = company.begin_poll_at(MORNING);
    wait_until("some were sent", || post.accepted().len() >= 20);
    let threads = tokio::runtime::Runtime::new().unwrap();
    threads.block_on(async {
        let db = Database::open(&company.database()).await.unwrap();
        let held = db.begin().await.unwrap();
        let before = wait_until_the_relay_is_idle(&post);
        tokio::time::sleep(Duration::from_secs(65)).await;
        assert_eq!(post.accepted().len(), before, "nothing is begun that is not in the log");
        drop(held);
    });
    let said = child.finish();
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert_all_sent_once(&post, &company, CUSTOMERS);
}

/// How large files of a process may become; `None`: as large as they like.
fn limit(process: u32, bytes: Option<u64>) {
    let soft = bytes.map_or("unlimited".to_owned(), |b| b.to_string());
    let done = Command::new("prlimit").args(["--pid", &process.to_string(), &format!("--fsize={soft}:unlimited")]).status();
    assert!(done.unwrap().success());
}

/// The program, to which a full disk is an error and no signal.
fn begin(company: &Company, ulimit: &str) -> Running {
    let plain = company.command(&["--now", MORNING, "run", "--once", "--format", "json"]);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("trap '' XFSZ; {ulimit} exec \"$0\" \"$@\"")).arg(plain.get_program()).args(plain.get_args());
    shell.env_clear().env("PATH", "/usr/bin:/bin").current_dir(company.path("")).stdin(Stdio::null());
    Running(shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

#[test]
fn when_the_disk_is_full_nothing_is_sent_or_lost_and_it_goes_on_by_itself_when_there_is_room() {
    let post = slow_relay();
    let company = company(&post, CUSTOMERS);
    let mut child = begin(&company, "");
    for goal in [20, 80] {
        wait_until("some were sent", || post.accepted().len() >= goal || child.try_wait().unwrap().is_some());
        if post.accepted().len() < goal {
            panic!("it has given up: {:#?}", child.finish());
        }
        limit(child.id(), Some(4_096));
        let before = wait_until_the_relay_is_idle(&post);
        assert!(before < CUSTOMERS, "it was too quick for this test");
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(post.accepted().len(), before, "nothing is begun that cannot be written down");
        limit(child.id(), None);
    }
    let said = child.finish();
    assert_eq!(said.code, Some(0), "{said:#?}");
    // What was to leave when a commit failed is for the next round.
    assert_eq!(company.poll_at(MORNING).code, Some(0));
    assert_all_sent_once(&post, &company, CUSTOMERS);
}

#[test]
fn while_the_file_system_is_read_only_nothing_is_sent_or_lost_and_it_goes_on_by_itself_afterwards() {
    let post = slow_relay();
    let company = company(&post, CUSTOMERS);
    let plain = company.command(&["--now", MORNING, "run", "--once", "--format", "json"]);
    let mut strace = Command::new("strace");
    // In the middle of the sending. Each try fails at its first page, until the connection is given up for another one.
    let refused = "inject=pwrite64:error=EROFS:when=900..906";
    strace.args(["-f", "-qq", "-o"]).arg(company.path("trace")).args(["-e", "trace=pwrite64", "-e", refused, "-P"]);
    strace.arg(company.file().with_extension("db-wal")).arg(plain.get_program()).args(plain.get_args());
    strace.env_clear().current_dir(company.path("")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let said = Running(strace.spawn().unwrap()).finish();
    let trace = std::fs::read_to_string(company.path("trace")).unwrap();
    assert!(trace.matches("EROFS (Read-only file system) (INJECTED)").count() >= 2, "{said:#?}");
    assert!(said.err.matches("the log cannot be written").count() >= 2, "{said:#?}");
    // What was to leave when a commit failed is for the next round.
    assert_eq!(company.poll_at(MORNING).code, Some(0));
    assert_all_sent_once(&post, &company, CUSTOMERS);
}

#[test]
fn a_disk_that_is_full_from_the_start_plans_and_sends_nothing_and_says_so() {
    let post = Post::kind();
    let company = company(&post, 30);
    let said = begin(&company, "ulimit -S -f 8;").finish();
    assert_ne!(said.code, Some(0), "{said:#?}");
    assert!(post.accepted().is_empty(), "{said:#?}");
    assert_eq!(company.poll_at(MORNING).code, Some(0));
    assert_all_sent_once(&post, &company, 30);
}

#[test]
fn a_file_that_is_removed_or_replaced_while_it_is_open_ends_the_sending_and_none_is_made_in_its_place() {
    for replaced in [false, true] {
        let post = slow_relay();
        let company = company(&post, CUSTOMERS);
        let file = company.file();
        let child = company.begin_poll_at(MORNING);
        wait_until("some were sent", || post.accepted().len() >= 20);
        if replaced {
            let other = company.path("other.db");
            std::fs::write(&other, "").unwrap();
            std::fs::rename(&other, &file).unwrap();
        } else {
            std::fs::remove_file(&file).unwrap();
        }
        let said = child.finish();
        assert_eq!(said.code, Some(2), "{said:#?}");
        said.says(if replaced { "replaced by another" } else { "not there any more" });
        assert!(post.accepted().len() < CUSTOMERS - 50, "{} were sent all the same", post.accepted().len());
        assert_eq!(file.exists().then(|| std::fs::metadata(&file).unwrap().len()), replaced.then_some(0), "nothing was made");
    }
}

#[test]
fn a_damaged_file_is_refused_and_left_as_it_is() {
    let post = Post::kind();
    let company = company(&post, CUSTOMERS);
    let damage = |path: &Path| {
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2 / 4_096 * 4_096;
        bytes[middle..middle + 4_096].fill(0xAA);
        std::fs::write(path, &bytes).unwrap();
        bytes
    };
    // Everything is in the file itself, and nothing beside it.
    let whole = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA wal_checkpoint(TRUNCATE)')";
    assert!(Command::new("python3").args(["-c", whole]).arg(company.file()).status().unwrap().success());
    let bytes = damage(&company.file());
    company.run_at(MORNING, &["run", "--once"]).exits(2).says("damaged").says("backup");
    assert!(post.accepted().is_empty());
    assert!(std::fs::read(company.file()).unwrap() == bytes, "the file was touched");
}
