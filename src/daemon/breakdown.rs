//! A panic in our own code, in the middle of a message: that message ends as far as it had come, and the others go on
//! (D10).

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::office::Office;
use super::pass::{Pass, pass};
use super::shift::Shift;
use super::stop;
use crate::clock::Clock;
use crate::contacts::entry::{self, Filter};
use crate::database::Database;
use crate::delivery::settings::Tls;
use crate::delivery::{Progress, Relay, Settings};
use crate::ledger::{guard, source::Source};
use crate::message::{Company, Renderer, attach};
use crate::timetable;
use crate::vals;

const MORNING: &str = "2026-03-04T14:00:00Z";
const LATER: &str = "2026-03-04T14:10:00Z";
const TIMETABLE: &str = r#"
time_zone = "UTC"
send_window = { days = "mon-fri", from = "08:00", to = "17:30" }
go_live = "2026-01-01"
volume_guard = 0
segment = [{ name = "all" }]
step = [{ id = "past-due", email = "past-due", days = 3 }]
"#;

/// Breaks down once for a customer of this name.
pub(super) fn here(customer: &str, place: &str) {
    static BROKEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    if customer.split(" / ").next() == Some(&format!("breaks {place}")) {
        let mut broken = BROKEN.lock().unwrap();
        if !broken.iter().any(|b| b == customer) {
            broken.push(customer.to_owned());
            drop(broken);
            panic!("for a test, {place}");
        }
    }
}

/// Breaks down once where this customer's message has come as far as the name says.
pub(super) async fn on_the_way<F: Future>(customer: &str, progress: Progress, sending: F) -> F::Output {
    let mut sending = pin!(sending);
    std::future::poll_fn(|cx| {
        let polled = sending.as_mut().poll(cx);
        if polled.is_pending() {
            here(customer, &progress.phase().to_string());
        }
        polled
    })
    .await
}

/// A relay that takes everything, a little later.
async fn relay() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, taken) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let all = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let taken = Arc::clone(&all);
            tokio::spawn(async move { converse(stream, &taken).await });
        }
    });
    (port, taken)
}

async fn converse(stream: TcpStream, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let (mut lines, mut to, mut body) = (BufReader::new(read).lines(), String::new(), false);
    write.write_all(b"220 relay.test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let reply: &[u8] = match line.get(..4) {
            _ if line == "." => {
                body = false;
                taken.lock().unwrap().push(to.clone());
                b"250 taken\r\n"
            }
            _ if body => continue,
            Some("RCPT") => {
                line.clone_into(&mut to);
                b"250 ok\r\n"
            }
            Some("DATA") => {
                body = true;
                b"354 go on\r\n"
            }
            _ => b"250 ok\r\n",
        };
        tokio::time::sleep(Duration::from_millis(2)).await;
        write.write_all(reply).await?;
    }
    Ok(())
}

/// A shift for these customers, each with one overdue invoice.
async fn shift(folder: &Path, port: u16, connections: u32, customers: &[&str]) -> Shift {
    let db = Database::scratch(&folder.join("x.db")).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    for (number, customer) in customers.iter().enumerate() {
        let sql = "INSERT INTO ledger_customer (id, name, email, cc, do_not_contact, unallocated_credit, extra)
                   VALUES ($1, 'A customer', $2, '', 0, '0', '{}')";
        tx.exec(sql, vals![*customer, format!("ap{number}@customer.example")]).await.unwrap();
        let sql =
            "INSERT INTO ledger_invoice (id, number, customer_id, issue_date, due_date, currency, total, status, disputed, extra)
                   VALUES ($1, $1, $2, '2026-02-01', '2026-03-01', 'USD', '100.00', 'open', 0, '{}')";
        tx.exec(sql, vals![format!("I-{number}"), *customer]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let office = Office {
        clock: Mutex::new(Clock::Given(MORNING.parse().unwrap())),
        db,
        timetable: timetable::file::parse("timetable.toml", TIMETABLE).unwrap().0,
        timetable_hash: String::new(),
        source: Source::Own,
        guard: guard::Settings::default(),
        inbox: None,
        payments_max_age: None,
        renderer: Renderer::load(&templates, "en").unwrap(),
        company: Company::sample(),
        default_language: "en".to_owned(),
        attachments: attach::Settings::default(),
        keep_messages: chrono::TimeDelta::days(1),
        digest: None,
        calendars: None,
        signer: None,
    };
    let settings = Settings {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: Tls::None,
        max_connections: connections,
        ..Settings::default()
    };
    let relay = Relay::new(settings, None, "example.com").unwrap();
    Shift::begin(office, relay, None, Duration::from_secs(60)).await.unwrap()
}

/// One pass; says which state each customer's contact has then.
async fn states(shift: &Shift, now: &str) -> BTreeMap<String, String> {
    shift.office.set_clock(Clock::Given(now.parse().unwrap()));
    let (_stopper, stop) = stop::pair();
    pass(shift, Pass::default(), &stop).await.unwrap();
    let entries = entry::list(&mut shift.office.db.snapshot().await.unwrap(), &Filter::default()).await.unwrap();
    entries.into_iter().map(|e| (e.customer, e.state.word().to_owned())).collect()
}

#[tokio::test]
async fn a_panic_costs_one_message_as_far_as_it_had_come_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (port, taken) = relay().await;
    let broken = ["breaks while it is written", "breaks at MAIL FROM", "breaks at DATA", "breaks after the final dot"];
    let others: Vec<String> = (0..40).map(|n| format!("C-{n}")).collect();
    let customers: Vec<&str> = broken.into_iter().chain(others.iter().map(String::as_str)).collect();
    let shift = shift(folder.path(), port, 5, &customers).await;

    let first = states(&shift, MORNING).await;
    assert_eq!(broken.map(|b| first[b].as_str()), ["failed", "retrying", "retrying", "in-doubt"]);
    assert!(others.iter().all(|c| first[c] == "sent"), "{first:?}");

    let second = states(&shift, LATER).await;
    assert_eq!(broken.map(|b| second[b].as_str()), ["failed", "sent", "sent", "in-doubt"]);
    let mut taken = taken.lock().unwrap().clone();
    let times = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), times, "nobody got it twice");
    assert!((42..=43).contains(&times), "{times}: all but what was not written, and perhaps the one in doubt");
}

#[tokio::test]
async fn when_the_only_connection_breaks_down_the_rest_waits_for_the_next_pass() {
    let folder = tempfile::tempdir().unwrap();
    let (port, taken) = relay().await;
    let customers = ["breaks at MAIL FROM / alone", "C-1", "C-2", "C-3", "C-4", "C-5"];
    let shift = shift(folder.path(), port, 1, &customers).await;

    let first = states(&shift, MORNING).await;
    assert_eq!(first[customers[0]], "retrying", "{first:?}");
    assert!(!first.values().any(|s| s == "sending"), "{first:?}");

    let second = states(&shift, LATER).await;
    let third = states(&shift, LATER).await;
    assert!(third.values().all(|s| s == "sent"), "{second:?}, then {third:?}");
    assert_eq!(taken.lock().unwrap().len(), customers.len());
}
