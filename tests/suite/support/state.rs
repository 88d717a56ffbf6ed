//! Everything that a database holds, as text: two of them are equal when nothing was changed.

use std::fmt::Write as _;

use dunningd::database::{Database, Location};
use dunningd::vals;

/// Every row of every table. `None`: there is no database.
pub fn dump(place: &Location) -> Option<String> {
    let exists = match place {
        Location::Sqlite(file) => file.exists(),
        Location::Postgres(_) => true,
    };
    exists.then(|| tokio::runtime::Runtime::new().unwrap().block_on(read(place)))
}

/// Each table with an expression that shows a row as text.
async fn tables(place: &Location, tx: &mut dunningd::database::Tx) -> Vec<(String, String)> {
    let (tables, columns, show) = match place {
        Location::Sqlite(_) => (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
            "SELECT name FROM pragma_table_info($1)",
            "quote",
        ),
        Location::Postgres(_) => (
            "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
            "SELECT column_name::text AS name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1",
            "quote_nullable",
        ),
    };
    let mut all = Vec::new();
    for table in tx.all(tables, vec![]).await.unwrap() {
        let table = table.text("name").unwrap();
        let columns = tx.all(columns, vals![&table]).await.unwrap();
        let columns: Vec<String> = columns.iter().map(|c| format!("{show}({})", c.text("name").unwrap())).collect();
        all.push((table, columns.join(" || ',' || ")));
    }
    all
}

async fn read(place: &Location) -> String {
    let db = Database::open(place).await.unwrap();
    let mut tx = db.snapshot().await.unwrap();
    let mut all = String::new();
    for (table, line) in tables(place, &mut tx).await {
        let sql = format!("SELECT {line} AS line FROM {table} ORDER BY 1");
        for row in tx.all(&sql, vec![]).await.unwrap() {
            writeln!(all, "{table}: {}", row.text("line").unwrap()).unwrap();
        }
    }
    all
}

/// The numbers that a query gives, for what no command shows.
pub fn numbers(place: &Location, sql: &str) -> Vec<i64> {
    let ask = async {
        let db = Database::open(place).await.unwrap();
        let rows = db.snapshot().await.unwrap().all(sql, vec![]).await.unwrap();
        rows.iter().map(|r| r.int("n").unwrap()).collect()
    };
    tokio::runtime::Runtime::new().unwrap().block_on(ask)
}

/// Changes the database behind the program's back.
pub fn edit(place: &Location, statements: &[&str]) {
    let change = async {
        let db = Database::open(place).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        for sql in statements {
            tx.exec(sql, vec![]).await.unwrap();
        }
        tx.commit().await.unwrap();
    };
    tokio::runtime::Runtime::new().unwrap().block_on(change);
}
