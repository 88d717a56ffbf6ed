//! A company that has dunningd: its configuration and its accounts in a folder of their own, and the verbs with which
//! tests play the real program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dunningd::database::Location;
use serde_json::Value;

use super::postgres::TestDatabase;
pub use super::program::{Polled, Running, Said, program, signal, states, text};
use super::state;

/// One e-mail and one task, three days late.
pub const TIMETABLE: &str = r#"
time_zone = "America/New_York"
send_window = { days = "mon-fri", from = "08:00", to = "17:30" }
holidays = []
quiet_days = 3
grace_days = 10
go_live = "2026-01-01"
volume_guard = 0

[[segment]]
name = "all"

[[step]]
id = "past-due"
email = "past-due"
days = 3

[[step]]
id = "second"
email = "past-due-30"
days = 9
"#;

/// A step of the second month, without which `check` warns that invoices are forgotten.
pub const LATE_CALL: &str = "[[step]]\nid = \"late-call\"\ntask = \"call\"\ndays = 40\n";

/// Wednesday, three days after the due date of what [`Company::given_an_overdue_invoice`] makes.
pub const MORNING: &str = "2026-03-04T09:00:00-05:00";
/// That due date.
pub const DUE: &str = "2026-03-01";

/// The company. Its folder goes when it goes.
pub struct Company {
    folder: tempfile::TempDir,
    /// `None`: a SQLite file in its folder.
    server: Option<TestDatabase>,
    /// Another way to the server: through a proxy.
    url: Option<String>,
    /// Further lines of `[database]`.
    database: String,
    relay: String,
    timetable: String,
    company: String,
    more: String,
    templates: PathBuf,
    customers: BTreeMap<String, String>,
    invoices: BTreeMap<String, String>,
    payments: BTreeMap<String, String>,
    documents: BTreeMap<String, String>,
}

/// A company whose e-mails are written into a folder. Its database is the one that `DUNNINGD_TEST_DATABASE` asks for:
/// `sqlite` (also without it) or `postgres`.
#[expect(clippy::disallowed_methods, reason = "the tests' own switch")]
pub fn a_company() -> Company {
    match std::env::var("DUNNINGD_TEST_DATABASE").as_deref() {
        Ok("postgres") => a_company_on(TestDatabase::make()),
        Ok("sqlite") | Err(_) => the_company(None),
        Ok(other) => panic!("DUNNINGD_TEST_DATABASE is {other:?}: sqlite or postgres"),
    }
}

/// A company whose database is a SQLite file, for tests of just that.
pub fn a_company_with_a_file() -> Company {
    the_company(None)
}

/// A company with a database of a server.
pub fn a_company_on(server: TestDatabase) -> Company {
    the_company(Some(server))
}

fn the_company(server: Option<TestDatabase>) -> Company {
    let company = Company {
        folder: tempfile::tempdir().unwrap(),
        server,
        url: None,
        database: String::new(),
        relay: "transport = \"file\"\ndirectory = \"outbox\"\n".to_owned(),
        timetable: TIMETABLE.to_owned(),
        company: String::new(),
        more: String::new(),
        templates: PathBuf::from("templates"),
        customers: BTreeMap::new(),
        invoices: BTreeMap::new(),
        payments: BTreeMap::new(),
        documents: BTreeMap::new(),
    };
    company.write();
    // The few that the tests' timetables name: `check` plays every template with every sample.
    for folder in ["_shared", "en/_shared", "en/past-due", "en/past-due-30", "en/reminder", "en/thank-you", "en/test"] {
        copy(&shipped().join(folder), &company.path("config/templates").join(folder));
    }
    company
}

/// The templates of the repository.
fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")
}

impl Company {
    pub fn with_timetable(mut self, timetable: &str) -> Self {
        timetable.clone_into(&mut self.timetable);
        self.write();
        self
    }

    /// More steps below those of [`TIMETABLE`].
    pub fn with_steps(self, steps: &str) -> Self {
        let all = format!("{}\n{steps}", self.timetable);
        self.with_timetable(&all)
    }

    /// A relay on this host, with three connections.
    pub fn with_relay(self, port: u16) -> Self {
        self.with_relay_settings(&format!("host = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nmax_connections = 3\n"))
    }

    /// The lines of `[relay]`.
    pub fn with_relay_settings(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.relay);
        self.write();
        self
    }

    /// Further lines of `[company]`.
    pub fn with_company(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.company);
        self.write();
        self
    }

    /// Further tables of dunningd.toml.
    pub fn with_settings(mut self, tables: &str) -> Self {
        self.more.push_str(tables);
        self.write();
        self
    }

    /// All templates of the repository, in all languages.
    pub fn with_all_templates(mut self) -> Self {
        self.templates = shipped();
        self.write();
        self
    }

    /// Further lines of `[database]`.
    pub fn with_database(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.database);
        self.write();
        self
    }

    /// The database is reached under this url from now on.
    pub fn reaches_its_database_by(&mut self, url: &str) {
        self.url = Some(url.to_owned());
        self.write();
    }

    fn write(&self) {
        let config = self.path("config");
        std::fs::create_dir_all(&config).unwrap();
        std::fs::write(config.join("dunningd.toml"), self.settings()).unwrap();
        std::fs::write(config.join("timetable.toml"), &self.timetable).unwrap();
    }

    fn settings(&self) -> String {
        format!(
            "[database]\nurl = {:?}\n{}\n[relay]\n{}\n[company]\nname = \"Us Inc.\"\n\
             from = \"Us Inc. <ar@us.example>\"\nreply_to = \"ar@us.example\"\naddress = \"1 Example Street\"\n{}\n\
             [templates]\ndirectory = {:?}\n{}",
            self.url(),
            self.database,
            self.relay,
            self.company,
            self.templates,
            self.more
        )
    }

    /// A path inside the company's folder.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    fn url(&self) -> String {
        let server = || self.server.as_ref().map(TestDatabase::url);
        self.url.clone().or_else(server).unwrap_or_else(|| "sqlite:dunningd.db".to_owned())
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        assert!(self.server.is_none(), "this company's database is no file");
        self.path("config/dunningd.db")
    }

    /// The database on the server.
    pub fn server(&self) -> &TestDatabase {
        self.server.as_ref().expect("a company with a server")
    }

    /// Whether several daemons may work on its database.
    pub fn is_shared(&self) -> bool {
        self.server.is_some()
    }

    pub fn database(&self) -> Location {
        match &self.server {
            Some(server) => Location::Postgres(server.url()),
            None => Location::Sqlite(self.file()),
        }
    }

    /// Everything that the database holds.
    pub fn state(&self) -> Option<String> {
        state::dump(&self.database())
    }

    /// A customer with these addresses; one that is there already gets them.
    pub fn given_a_customer(&mut self, id: &str, email: &str) {
        self.customers.insert(id.to_owned(), format!("{id},Customer {id},\"{email}\""));
    }

    /// An invoice of 100.00, due on 2026-03-01, of a customer that is made if need be.
    pub fn given_an_overdue_invoice(&mut self, id: &str, customer: &str) {
        self.given_an_invoice(id, customer, DUE);
    }

    /// The same with another due date.
    pub fn given_an_invoice(&mut self, id: &str, customer: &str, due: &str) {
        if !self.customers.contains_key(customer) {
            self.given_a_customer(customer, &format!("ap@{}.example", customer.to_lowercase()));
        }
        self.invoices.insert(id.to_owned(), format!("{id},{customer},2026-02-01,{due},USD,100.00"));
    }

    /// An invoice's `document_path`.
    pub fn given_a_document(&mut self, invoice: &str, path: &str) {
        self.documents.insert(invoice.to_owned(), path.to_owned());
    }

    pub fn given_a_payment(&mut self, id: &str, customer: &str, invoice: &str, received_on: &str) {
        self.payments.insert(id.to_owned(), format!("{id},{customer},{invoice},{received_on},100.00,USD"));
    }

    /// The ledger is as the verbs above have made it.
    pub fn import(&self) -> Said {
        self.write_files();
        self.import_files().exits(0)
    }

    /// Its three files, not imported yet.
    pub fn write_files(&self) {
        let write = |name: &str, header: &str, rows: &BTreeMap<String, String>| {
            let rows: String = rows.values().map(|r| format!("{r}\n")).collect();
            std::fs::write(self.path(name), format!("{header}\n{rows}")).unwrap();
        };
        write("customers.csv", "id,name,email", &self.customers);
        let document = |id: &String| self.documents.get(id).map_or("", String::as_str);
        let invoices = self.invoices.iter().map(|(id, row)| (id.clone(), format!("{row},{}", document(id)))).collect();
        write("invoices.csv", "id,customer_id,issue_date,due_date,currency,total,document_path", &invoices);
        write("payments.csv", "id,customer_id,invoice_id,received_on,amount,currency", &self.payments);
    }

    /// The three files as they lie there.
    pub fn import_files(&self) -> Said {
        let files = ["--customers", "customers.csv", "--invoices", "invoices.csv", "--payments", "payments.csv"];
        self.run(&[&["import", "--replace", "--format", "json"], &files[..]].concat())
    }

    /// The program, not started yet.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = program(args);
        command.arg("--config").arg(self.path("config")).current_dir(self.folder.path());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Said {
        self.command(args).output().unwrap().into()
    }

    /// Runs a command to its end, at an instant.
    pub fn run_at(&self, now: &str, args: &[&str]) -> Said {
        self.run(&[&["--now", now], args].concat())
    }

    /// One poll, and what it delivers.
    pub fn poll_at(&self, now: &str) -> Polled {
        self.poll_with(now, &[])
    }

    pub fn poll_with(&self, now: &str, flags: &[&str]) -> Polled {
        self.run_at(now, &[&["run", "--once", "--format", "json"], flags].concat()).into()
    }

    /// Begins one poll.
    pub fn begin_poll_at(&self, now: &str) -> Running {
        let mut command = self.command(&["--now", now, "run", "--once", "--format", "json"]);
        Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// The contact log.
    pub fn log(&self) -> Vec<Value> {
        self.run(&["log", "--format", "json"]).exits(0).json()
    }

    /// The one contact of the log.
    pub fn contact(&self) -> Value {
        let log = self.log();
        assert_eq!(log.len(), 1, "{log:#?}");
        log.into_iter().next().unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
