//! Both databases have the same tables, and what is not durable is refused.

use std::collections::BTreeMap;

use dunningd::database::{Database, Location};

use super::*;
use crate::support::company::a_company_with_a_file;

/// Each table with its columns: the type, whether it may be NULL.
type Tables = BTreeMap<String, BTreeMap<String, (String, bool)>>;

async fn ask(place: &Location, columns: &str, indexes: &str) -> (Tables, BTreeMap<String, String>) {
    let db = Database::open(place).await.unwrap();
    let mut tx = db.snapshot().await.unwrap();
    let mut tables = Tables::new();
    for row in tx.all(columns, vec![]).await.unwrap() {
        let kind = match row.text("kind").unwrap().as_str() {
            "INTEGER" | "bigint" => "a number",
            "TEXT" | "text" => "a text",
            "BLOB" | "bytea" => "bytes",
            other => panic!("{other} is a type of one of them only"),
        };
        let column = (kind.to_owned(), row.int("required").unwrap() == 0);
        tables.entry(row.text("tab").unwrap()).or_default().insert(row.text("col").unwrap(), column);
    }
    let mut unique = BTreeMap::new();
    for row in tx.all(indexes, vec![]).await.unwrap() {
        let text = row.text("sql").unwrap().replace("USING btree ", "").replace("public.", "").replace("::text", "");
        let text: String = text.chars().filter(|c| !c.is_whitespace() && !"()\"".contains(*c)).collect();
        unique.insert(row.text("name").unwrap(), text);
    }
    (tables, unique)
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let file = ask(
        &Location::Sqlite(folder.path().join("x.db")),
        "SELECT m.name AS tab, c.name AS col, c.type AS kind, (c.\"notnull\" = 1 OR c.pk > 0) AS required
         FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> '_sqlx_migrations'",
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    )
    .await;
    let database = TestDatabase::make();
    let server = ask(
        &Location::Postgres(database.url()),
        "SELECT table_name::text AS tab, column_name::text AS col, data_type::text AS kind,
                (is_nullable = 'NO')::int::bigint AS required
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
        "SELECT indexname::text AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey'",
    )
    .await;
    assert_eq!(file.0, server.0);
    let names = |of: &BTreeMap<String, String>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&file.1), names(&server.1));
    for (name, sql) in &file.1 {
        if sql.starts_with("CREATEUNIQUE") {
            let where_of = |sql: &str| sql.split("WHERE").nth(1).map(str::to_owned);
            let columns = |sql: &str| sql.split("WHERE").next().unwrap().to_owned();
            assert_eq!(columns(sql), columns(&server.1[name]), "{name}");
            assert_eq!(where_of(sql), where_of(&server.1[name]), "{name}");
        }
    }
    assert!(file.0.len() > 12 && file.1.len() > 10, "nothing was compared");
}

#[test]
fn a_database_that_does_not_keep_what_is_committed_is_refused() {
    let post = Post::kind();
    let company = company(&post, 1);
    let database = company.server();
    database.sql(&format!("ALTER DATABASE {} SET synchronous_commit = off", database.name));
    company.run_at(MORNING, &["run", "--once"]).exits(2).says("synchronous_commit is off");
    assert!(post.accepted().is_empty());
    database.sql(&format!("ALTER DATABASE {} SET synchronous_commit = on", database.name));
    assert_eq!(company.poll_at(MORNING).code, Some(0));
}

#[test]
fn a_lease_that_is_too_short_is_refused() {
    let company = a_company_with_a_file().with_database("lease = \"2s\"\n");
    company.run(&["check"]).exits(2).says("a lease of 2s is too short");
}
