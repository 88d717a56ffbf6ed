//! Everything that a database holds, as text: two of them are equal when nothing was changed.

use std::fmt::Write as _;
use std::path::Path;

use dunningd::database::{Database, Location};
use dunningd::vals;

/// Every row of every table. `None`: there is no database.
pub fn dump(file: &Path) -> Option<String> {
    file.exists().then(|| tokio::runtime::Runtime::new().unwrap().block_on(read(file)))
}

async fn read(file: &Path) -> String {
    let db = Database::open(&Location::Sqlite(file.to_owned())).await.unwrap();
    let mut tx = db.snapshot().await.unwrap();
    let mut all = String::new();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    for table in tx.all(tables, vec![]).await.unwrap() {
        let table = table.text("name").unwrap();
        let columns = tx.all("SELECT name FROM pragma_table_info($1)", vals![&table]).await.unwrap();
        let columns: Vec<String> = columns.iter().map(|c| format!("quote({})", c.text("name").unwrap())).collect();
        let sql = format!("SELECT {} AS line FROM {table} ORDER BY 1", columns.join(" || ',' || "));
        for row in tx.all(&sql, vec![]).await.unwrap() {
            writeln!(all, "{table}: {}", row.text("line").unwrap()).unwrap();
        }
    }
    all
}

/// The numbers that a query gives, for what no command shows.
pub fn numbers(file: &Path, sql: &str) -> Vec<i64> {
    let ask = async {
        let db = Database::open(&Location::Sqlite(file.to_owned())).await.unwrap();
        let rows = db.snapshot().await.unwrap().all(sql, vec![]).await.unwrap();
        rows.iter().map(|r| r.int("n").unwrap()).collect()
    };
    tokio::runtime::Runtime::new().unwrap().block_on(ask)
}

/// Changes the database behind the program's back.
pub fn edit(file: &Path, statements: &[&str]) {
    let change = async {
        let db = Database::open(&Location::Sqlite(file.to_owned())).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        for sql in statements {
            tx.exec(sql, vec![]).await.unwrap();
        }
        tx.commit().await.unwrap();
    };
    tokio::runtime::Runtime::new().unwrap().block_on(change);
}
