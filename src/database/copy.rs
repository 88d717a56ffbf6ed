//! A copy of everything in a SQLite file of its own, for rehearsals.

use std::path::Path;

use super::{Database, DatabaseError, Tx, Val};
use crate::vals;

/// Rows that go over at once.
const CHUNK: i64 = 1_000;

/// Copies every table, from one consistent picture.
pub(super) async fn all(from: &Database, target: &Path) -> Result<(), DatabaseError> {
    let to = Database::scratch(target).await?;
    let (mut source, mut sink) = (from.snapshot().await?, to.begin().await?);
    sink.exec("PRAGMA defer_foreign_keys = ON", vec![]).await?;
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'";
    for table in sink.all(sql, vec![]).await? {
        let table = table.text("name")?;
        let columns = sink.all("SELECT name, type FROM pragma_table_info($1) ORDER BY cid", vals![&table]).await?;
        let columns = columns.iter().map(|c| Ok((c.text("name")?, c.text("type")?)));
        let columns: Vec<(String, String)> = columns.collect::<Result<_, DatabaseError>>()?;
        one(&mut source, &mut sink, &table, &columns).await?;
    }
    sink.commit().await
}

async fn one(source: &mut Tx, sink: &mut Tx, table: &str, columns: &[(String, String)]) -> Result<(), DatabaseError> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(", ");
    sink.exec(&format!("DELETE FROM {table}"), vec![]).await?;
    source.exec(&format!("DECLARE rows_of_{table} CURSOR FOR SELECT {names} FROM {table}"), vec![]).await?;
    let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    let insert = format!("INSERT INTO {table} ({names}) VALUES ({})", places.join(", "));
    loop {
        let rows = source.all(&format!("FETCH {CHUNK} FROM rows_of_{table}"), vec![]).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let value = |(name, kind): &(String, String)| match kind.as_str() {
                "INTEGER" => row.opt_int(name).map(Val::Int),
                "BLOB" => row.bytes(name).map(Val::Bytes),
                _ => row.opt_text(name).map(Val::Text),
            };
            let values = columns.iter().map(value).collect::<Result<Vec<_>, _>>()?;
            sink.exec(&insert, values).await?;
        }
    }
    source.exec(&format!("CLOSE rows_of_{table}"), vec![]).await?;
    Ok(())
}
