//! PostgreSQL for the tests: one server for all that run together, a database for each test, and servers of their own for
//! tests that stop and start one.
//!
//! `DUNNINGD_TEST_POSTGRES` may name a server that is there already. Otherwise the first test that needs one starts it, from
//! Debian's package `postgresql`, and a watcher ends it when the test runner has ended. Without the package the test fails.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A server of a test's own; it goes when it goes.
pub struct Server {
    folder: PathBuf,
}

/// A database of a test's own; it goes when it goes.
pub struct TestDatabase {
    /// To its server's database `postgres`.
    server: String,
    pub name: String,
}

/// Where Debian keeps the programs of the newest version.
fn bin() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").map(|all| all.flatten().map(|e| e.path().join("bin")).collect());
    let mut found: Vec<PathBuf> = versions.unwrap_or_default();
    found.retain(|b| b.join("initdb").exists());
    found.sort();
    found.pop().expect("PostgreSQL is not installed, and these tests need it: apt-get install postgresql")
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A program of the server: it refuses to run as root.
fn server_program(name: &str) -> Command {
    let program = bin().join(name);
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/").stdin(Stdio::null()).env_remove("PGDATA").env("LC_ALL", "C");
    command
}

fn succeed(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
}

fn make(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        succeed({
            let mut chown = Command::new("chown");
            chown.arg("postgres:").arg(folder);
            chown
        });
    }
    let data = folder.join("data");
    let mut init = server_program("initdb");
    init.args(["--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-D"]).arg(&data);
    succeed(init);
    let settings = format!(
        "listen_addresses = ''\nunix_socket_directories = '{}'\nmax_connections = 300\nshared_buffers = 32MB\n\
         max_wal_size = 256MB\nwal_recycle = off\nautovacuum_naptime = 1h\nlog_line_prefix = '%m %p %d '\n",
        folder.display()
    );
    let path = data.join("postgresql.conf");
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, before + &settings).unwrap();
    start(folder);
}

fn start(folder: &Path) {
    let mut start = server_program("pg_ctl");
    start.args(["-w", "-t", "120", "-s", "-D"]).arg(folder.join("data")).arg("-l").arg(folder.join("server.log")).arg("start");
    // Nothing of the test's may be held open by the server.
    start.stdout(Stdio::null()).stderr(Stdio::null());
    let done = start.status().unwrap();
    let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
    assert!(done.success(), "the server does not start: {log}");
}

fn stop(folder: &Path, mode: &str) {
    let mut stop = server_program("pg_ctl");
    stop.args(["-w", "-s", "-m", mode, "-D"]).arg(folder.join("data")).arg("stop");
    stop.stdout(Stdio::null()).stderr(Stdio::null());
    stop.status().unwrap();
}

fn url_in(folder: &Path) -> String {
    format!("postgres://postgres@localhost/postgres?host={}", folder.display())
}

/// The server that all tests of this run share: the url of its database `postgres`.
#[expect(clippy::disallowed_methods, reason = "the tests' own switch")]
#[expect(clippy::zombie_processes, reason = "the watcher outlives the test")]
fn shared() -> String {
    if let Ok(url) = std::env::var("DUNNINGD_TEST_POSTGRES") {
        return url;
    }
    let runner = std::os::unix::process::parent_id();
    let folder = std::env::temp_dir().join(format!("dunningd-tests-{runner}"));
    let lock = std::fs::File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if !folder.join("ready").exists() {
        let _ = std::fs::remove_dir_all(&folder);
        make(&folder);
        // Ends the server when the runner has ended, however that came.
        let script = format!(
            "while kill -0 {runner}; do sleep 0.5; done; {} {} -D {data} -m immediate stop; rm -rf {folder} {folder}.lock",
            if is_root() { "runuser -u postgres --" } else { "" },
            bin().join("pg_ctl").display(),
            data = folder.join("data").display(),
            folder = folder.display(),
        );
        let mut watcher = Command::new("setsid");
        watcher.args(["sh", "-c", &script]).current_dir("/");
        watcher.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::fs::write(folder.join("ready"), "").unwrap();
    }
    url_in(&folder)
}

fn psql(url: &str, sql: &str) -> Result<String, String> {
    let mut psql = Command::new(bin().join("psql"));
    psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]).current_dir("/").stdin(Stdio::null());
    let output = psql.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

impl TestDatabase {
    /// An empty one on the server that all tests share.
    pub fn make() -> Self {
        Self::on(&shared())
    }

    fn on(server: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        psql(server, &format!("CREATE DATABASE {name}")).unwrap();
        Self { server: server.to_owned(), name }
    }

    pub fn url(&self) -> String {
        let mut url = url::Url::parse(&self.server).unwrap();
        url.set_path(&self.name);
        url.to_string()
    }

    /// The folder of the server's socket, if it is one of ours.
    pub fn socket(&self) -> PathBuf {
        let url = url::Url::parse(&self.server).unwrap();
        let host = url.query_pairs().find(|(key, _)| key == "host").map(|(_, value)| value.into_owned());
        PathBuf::from(host.expect("a server on a socket")).join(".s.PGSQL.5432")
    }

    /// What `psql` says to a statement at a url; what is wrong otherwise.
    pub fn sql_at(url: &str, sql: &str) -> Result<String, String> {
        psql(url, sql)
    }

    /// Runs the statements of a file.
    pub fn load(&self, file: &Path) {
        let mut psql = Command::new(bin().join("psql"));
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.url(), "-f"]).arg(file).current_dir("/");
        succeed(psql);
    }

    /// What `psql` says to a statement, one row a line.
    pub fn sql(&self, sql: &str) -> String {
        psql(&self.url(), sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // A server that is gone has taken it along.
        let _ = psql(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

impl Server {
    /// Starts one.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("dunningd-pg-").tempdir().unwrap().keep();
        make(&folder);
        Self { folder }
    }

    /// A database of it.
    pub fn database(&self) -> TestDatabase {
        TestDatabase::on(&url_in(&self.folder))
    }

    /// As if the power had gone: what is not on the disk is lost.
    pub fn crash(&self) {
        stop(&self.folder, "immediate");
    }

    /// A standby that follows it, with a socket of its own: not synchronous, as most are.
    pub fn standby(&self) -> Self {
        let folder = tempfile::Builder::new().prefix("dunningd-pg-").tempdir().unwrap().keep();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        if is_root() {
            succeed({
                let mut chown = Command::new("chown");
                chown.arg("postgres:").arg(&folder);
                chown
            });
        }
        let mut copy = server_program("pg_basebackup");
        copy.args(["-U", "postgres", "-X", "stream", "-c", "fast", "-R", "-h"])
            .arg(&self.folder)
            .arg("-D")
            .arg(folder.join("data"));
        succeed(copy);
        let path = folder.join("data/postgresql.conf");
        let before = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{before}unix_socket_directories = '{}'\n", folder.display())).unwrap();
        start(&folder);
        Self { folder }
    }

    /// Runs a statement in the server's own database.
    pub fn sql(&self, sql: &str) -> String {
        psql(&url_in(&self.folder), sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Where a database of its primary is found on it.
    pub fn url_of(&self, database: &TestDatabase) -> String {
        url_in(&self.folder).replace("/postgres?", &format!("/{}?", database.name))
    }

    pub fn start_again(&self) {
        start(&self.folder);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        stop(&self.folder, "immediate");
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
