//! `dunningd ledger role`: the SQL for a user of the accounts of a program that there is a preset for.

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use super::super::{Exit, Format, Globals, Result, output};
use crate::ledger::preset::{self, Preset};

/// A user who may read what a preset reads.
#[derive(Debug, Args)]
pub struct Role {
    /// The accounting program
    #[arg(long, value_name = "NAME")]
    preset: String,
    /// The new user
    #[arg(long, default_value = "dunningd_reader", value_parser = user, value_name = "NAME")]
    user: String,
    /// What the preset wants to know, such as prefix=abc_; several times if need be
    #[arg(long = "option", value_parser = option, value_name = "NAME=VALUE")]
    options: Vec<(String, String)>,
}

/// A name that needs no quoting anywhere.
fn user(text: &str) -> std::result::Result<String, String> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if plain { Ok(text.to_owned()) } else { Err("a name of small letters, digits and underscores".to_owned()) }
}

fn option(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as company=2")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

pub fn run(globals: &Globals, args: &Role) -> Result {
    let Role { preset: name, user, options } = args;
    let options = options.iter().cloned().collect();
    let preset = preset::find(name).and_then(|p| p.for_role(&options)).map_err(|sentence| anyhow!(sentence))?;
    let roles: Vec<(&str, String)> = preset.databases().map(|database| (database, role(&preset, database, user))).collect();
    if globals.format == Format::Json {
        let roles: serde_json::Map<_, _> = roles.into_iter().map(|(database, sql)| (database.to_owned(), sql.into())).collect();
        output::json(&json!({ "preset": name, "title": preset.title, "versions": preset.versions, "cannot": preset.cannot,
            "beware": preset.beware, "role": roles }));
        return Ok(Exit::Done);
    }
    output::line(format!("-- {} {}. What these queries cannot know:", preset.title, preset.versions));
    preset.cannot.iter().for_each(|sentence| output::line(format!("--   {sentence}")));
    preset.beware.iter().for_each(|sentence| output::line(format!("-- {sentence}")));
    roles.iter().for_each(|(_, sql)| output::line(format!("\n{sql}")));
    Ok(Exit::Done)
}

/// The columns to be read, if not all, and the name of the table: ` (a, b)` and `"t"`.
fn on(quote: char, table: &str) -> (String, String) {
    let (name, columns) = table.split_once('(').map_or((table, None), |(name, rest)| (name, Some(rest)));
    let columns = columns.map(|c| c.trim_end_matches(')').split(", ").map(|c| format!("{quote}{c}{quote}")).collect::<Vec<_>>());
    (columns.map(|c| format!(" ({})", c.join(", "))).unwrap_or_default(), format!("{quote}{name}{quote}"))
}

/// The statements for one kind of database.
fn role(preset: &Preset, database: &str, user: &str) -> String {
    let of = |quote: char, names: &[String]| names.iter().map(|t| on(quote, t)).collect::<Vec<_>>();
    match database {
        "postgres" => {
            let further: String = of('"', &preset.further_tables).iter().map(|(_, t)| format!(", '{t}'")).collect();
            let tables: String =
                of('"', &preset.tables).iter().map(|(what, t)| format!("GRANT SELECT{what} ON {t} TO {user};\n")).collect();
            format!(
                "-- PostgreSQL, in the database of the accounts. Put in a password of your own.\n\
                 CREATE ROLE {user} LOGIN PASSWORD 'change-me' CONNECTION LIMIT 4;\n\
                 ALTER ROLE {user} SET default_transaction_read_only = on;\n\
                 GRANT USAGE ON SCHEMA public TO {user};\n\
                 {tables}\
                 DO $$ DECLARE further text; BEGIN\n  EXECUTE format('GRANT CONNECT ON DATABASE %I TO {user}', current_database());\n  \
                 -- What only some versions or modules have.\n  FOREACH further IN ARRAY ARRAY[NULL{further}]::text[] LOOP\n    \
                 IF to_regclass(further) IS NOT NULL THEN EXECUTE format('GRANT SELECT ON %s TO {user}', further); END IF;\n  \
                 END LOOP;\nEND $$;\n-- PostgreSQL 14 and older: REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
            )
        }
        "mysql" => {
            let grant = |(what, t): &(String, String)| format!("GRANT SELECT{what} ON {t} TO '{user}'@'%';\n");
            let tables: String = of('`', &preset.tables).iter().map(grant).collect();
            let further: String = of('`', &preset.further_tables).iter().map(|t| format!("-- {}", grant(t))).collect();
            let further = if further.is_empty() { further } else { format!("-- Where there are these tables:\n{further}") };
            format!(
                "-- MySQL and MariaDB, in the database of the accounts. Put in a password of your own, and the host of dunningd for %.\n\
                 CREATE USER '{user}'@'%' IDENTIFIED BY 'change-me';\n{tables}{further}"
            )
        }
        _ => "-- SQLite has no users: the file is opened read-only.".to_owned(),
    }
}
