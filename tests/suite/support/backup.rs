//! The database put aside, and put back: how a database goes back in time.

use super::company::Company;
use super::postgres::TestDatabase;

impl Company {
    /// A copy of the database as it is now, made as an operator makes it: its file alone would lack what is in the log beside it.
    pub fn back_up(&self) {
        if self.is_shared() {
            let database = self.server();
            let name = &database.name;
            let server = database.url().replace(&format!("/{name}"), "/postgres");
            let sql = format!("CREATE DATABASE {name}_old TEMPLATE {name}");
            TestDatabase::sql_at(&server, &sql).unwrap();
        } else {
            let copy = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))";
            let mut python = std::process::Command::new("python3");
            assert!(python.args(["-c", copy]).arg(self.file()).arg(self.path("old.db")).status().unwrap().success());
        }
    }

    /// The copy takes the place of the database.
    pub fn restore(&mut self) {
        if self.is_shared() {
            let name = self.server().name.clone();
            let old = self.server().url().replace(&format!("/{name}"), &format!("/{name}_old"));
            self.reaches_its_database_by(&old);
        } else {
            std::fs::copy(self.path("old.db"), self.file()).unwrap();
            for ending in ["db-wal", "db-shm"] {
                let _ = std::fs::remove_file(self.file().with_extension(ending));
            }
        }
    }
}
