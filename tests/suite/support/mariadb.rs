//! MariaDB for the tests: one server for all that run together, and a database with a reader of its own for each test.
//!
//! The first test that needs it starts the server, from Debian's package `mariadb-server`, on a socket and a spare port of
//! this machine, and a watcher ends it when the test runner has ended. Without the package the test fails.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::certificates::Certificate;

/// A database of a test's own; it goes when it goes.
pub struct TestDatabase {
    folder: PathBuf,
    pub name: String,
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A program of the server, as the user that owns its files.
fn server_program(name: &str) -> Command {
    let program = ["/usr/sbin", "/usr/bin"].map(|dir| Path::new(dir).join(name)).into_iter().find(|p| p.exists());
    let program = program.expect("MariaDB is not installed, and these tests need it: apt-get install mariadb-server");
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "mysql", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C");
    command
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
}

/// Makes the files of a server and starts it: its process.
#[expect(clippy::zombie_processes, reason = "the watcher ends it")]
fn make(folder: &Path) -> u32 {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let certificate = Certificate::of("localhost");
    certificate.write_to(&folder.join("cert.pem"));
    certificate.write_key_to(&folder.join("key.pem"));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    std::fs::write(folder.join("port"), port.to_string()).unwrap();
    let dir = folder.display();
    let settings = format!(
        "[mariadbd]\ndatadir = {dir}/data\nsocket = {dir}/socket\npid-file = {dir}/pid\nport = {port}\nbind-address = 127.0.0.1\n\
         skip-name-resolve\nssl-cert = {dir}/cert.pem\nssl-key = {dir}/key.pem\nlog-error = {dir}/server.log\n\
         innodb-buffer-pool-size = 32M\ninnodb-flush-log-at-trx-commit = 0\nperformance-schema = OFF\nmax-connections = 200\n"
    );
    std::fs::write(folder.join("my.cnf"), settings).unwrap();
    if is_root() {
        succeed(Command::new("chown").args(["-R", "mysql:"]).arg(folder));
    }
    let defaults = format!("--defaults-file={dir}/my.cnf");
    succeed(server_program("mariadb-install-db").args([&defaults, "--auth-root-authentication-method=normal", "--skip-test-db"]));
    let mut server = server_program("mariadbd");
    let server = server.arg(&defaults).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..600 {
        if sql(folder, "", "SELECT 1").is_ok() {
            return server.id();
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    panic!("the server does not start: {}", std::fs::read_to_string(folder.join("server.log")).unwrap_or_default());
}

/// The folder of the server that all tests of this run share.
#[expect(clippy::zombie_processes, reason = "the watcher outlives the test")]
fn shared() -> PathBuf {
    let runner = std::os::unix::process::parent_id();
    let folder = std::env::temp_dir().join(format!("dunningd-mariadb-{runner}"));
    let lock = std::fs::File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if !folder.join("ready").exists() {
        let _ = std::fs::remove_dir_all(&folder);
        let server = make(&folder);
        let dir = folder.display();
        // Ends the server when the runner has ended, however that came.
        let script = format!(
            "while kill -0 {runner}; do sleep 0.5; done; kill $(cat {dir}/pid) {server}; while kill -0 {server}; do sleep 0.2; done; \
             rm -rf {dir} {dir}.lock"
        );
        let mut watcher = Command::new("setsid");
        watcher.args(["sh", "-c", &script]).current_dir("/");
        watcher.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::fs::write(folder.join("ready"), "").unwrap();
    }
    folder
}

/// What the client says, one row a line; what is wrong otherwise.
fn sql(folder: &Path, database: &str, sql: &str) -> Result<String, String> {
    let mut client = Command::new("mariadb");
    client.arg("--no-defaults").args(["-u", "root", "-N", "-B", "--default-character-set=utf8mb4"]);
    client.arg("-S").arg(folder.join("socket")).args(["-e", sql]).arg(database).current_dir("/").stdin(Stdio::null());
    let output = client.output().map_err(|e| format!("the client `mariadb` is not installed: {e}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

impl TestDatabase {
    /// An empty one, with the user `r_NAME` (its password is `secret-NAME`) who may read it.
    pub fn make() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let database = Self { folder: shared(), name };
        let name = &database.name;
        let make = format!(
            "CREATE DATABASE {name} CHARACTER SET utf8mb4; CREATE USER r_{name}@'%' IDENTIFIED BY 'secret-{name}'; \
             GRANT SELECT ON {name}.* TO r_{name}@'%'"
        );
        sql(&database.folder, "", &make).unwrap();
        database
    }

    /// For root, by the socket.
    pub fn url(&self) -> String {
        format!("mysql://root@localhost/{}?socket={}", self.name, self.folder.join("socket").display())
    }

    /// For the reader, by the port: the password is not in it.
    pub fn url_of_reader(&self) -> String {
        let port = std::fs::read_to_string(self.folder.join("port")).unwrap();
        format!("mysql://r_{0}@localhost:{port}/{0}", self.name)
    }

    pub fn password(&self) -> String {
        format!("secret-{}", self.name)
    }

    /// The certificate of the server.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    /// Runs the statements of a file.
    pub fn load(&self, file: &Path) {
        self.sql(&format!("source {}", file.display()));
    }

    /// What the client says to statements, one row a line.
    pub fn sql(&self, statements: &str) -> String {
        sql(&self.folder, &self.name, statements).unwrap_or_else(|error| panic!("{statements}: {error}"))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let _ = sql(&self.folder, "", &format!("DROP DATABASE IF EXISTS {0}; DROP USER IF EXISTS r_{0}@'%'", self.name));
    }
}
