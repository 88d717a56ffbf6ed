//! Accounts in a database of their own, which a company reads with queries.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::company::Company;
use super::{mariadb, postgres};

/// The accounts.
pub enum Books {
    Sqlite(tempfile::TempDir),
    Postgres(postgres::TestDatabase),
    MariaDb(mariadb::TestDatabase),
}

impl Books {
    /// Empty ones on each of the three databases.
    pub fn of_each_kind() -> [Self; 3] {
        [Self::sqlite(), Self::postgres(), Self::mariadb()]
    }

    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub fn postgres() -> Self {
        Self::Postgres(postgres::TestDatabase::make())
    }

    pub fn mariadb() -> Self {
        Self::MariaDb(mariadb::TestDatabase::make())
    }

    /// Runs statements in them, one row a line.
    pub fn sql(&self, statements: &str) -> String {
        match self {
            Self::Sqlite(folder) => in_file(&folder.path().join("books.db"), statements),
            Self::Postgres(database) => database.sql(statements),
            Self::MariaDb(database) => database.sql(statements),
        }
    }

    /// The word of the presets for this database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
            Self::MariaDb(_) => "mysql",
        }
    }

    /// Those of an accounting program: `tests/fixtures/ledgers/NAME.KIND.sql`, or packed with gzip.
    pub fn with_fixture(self, name: &str) -> Self {
        let plain = fixtures().join(format!("{name}.{}.sql", self.kind()));
        let statements = std::fs::read(&plain).unwrap_or_else(|_| unpacked(&plain.with_extension("sql.gz")));
        match &self {
            Self::Sqlite(_) => drop(self.sql(&String::from_utf8(statements).unwrap())),
            Self::Postgres(database) => load(&statements, |file| database.load(file)),
            Self::MariaDb(database) => load(&statements, |file| database.load(file)),
        }
        self
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join("books.db").display()),
            Self::Postgres(database) => database.url(),
            Self::MariaDb(database) => database.url(),
        }
    }
}

fn unpacked(packed: &Path) -> Vec<u8> {
    let output = Command::new("gzip").arg("-dc").arg(packed).output().unwrap();
    assert!(output.status.success(), "{}: {}", packed.display(), String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Where the fixtures are.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ledgers")
}

/// Hands over a file with these bytes, which goes afterwards.
fn load(bytes: &[u8], load: impl Fn(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fixture.sql");
    std::fs::write(&file, bytes).unwrap();
    load(&file);
}

/// Statements in a SQLite file, which is made.
fn in_file(path: &Path, statements: &str) -> String {
    let script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.executescript(open(sys.argv[2]).read())\nc.commit()";
    let file = path.with_extension("statements");
    std::fs::write(&file, statements).unwrap();
    let output = Command::new("python3").args(["-c", script]).arg(path).arg(&file).output().unwrap();
    assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
    String::new()
}

/// Three queries, and further lines of `[ledger.query]`.
pub struct Queries<'a> {
    pub customers: &'a str,
    pub invoices: &'a str,
    pub payments: &'a str,
    pub more: &'a str,
}

/// Queries of tables that have the documented columns.
pub const PLAIN: Queries<'_> = Queries {
    customers: "SELECT * FROM customers",
    invoices: "SELECT * FROM invoices",
    payments: "SELECT * FROM payments",
    more: "",
};

impl Company {
    /// The ledger is what the queries give. Lines of `[ledger]` may follow.
    pub fn reading(self, url: &str, queries: &Queries<'_>) -> Self {
        let Queries { customers, invoices, payments, more } = queries;
        self.with_settings(&format!(
            "[ledger.query]\nurl = {url:?}\ncustomers = {customers:?}\ninvoices = {invoices:?}\n\
             payments = {payments:?}\n{more}\n[ledger]\nsource = \"query\"\n"
        ))
    }

    /// A file that only its owner may read.
    pub fn with_secret(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path("config").join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}
