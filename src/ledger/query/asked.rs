//! What is asked: queries of the user's, and beneath them those of a preset.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::QueryError;
use super::place::{Kind, Place};
use super::session::Session;
use super::settings::Settings;
use super::statement::single;
use crate::ledger::preset::{self, Preset, Queries};

/// What stands for the instant in the query of whom has changed.
const SINCE: &str = ":since";

/// The queries, as far as they are known before the accounts are opened.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    kind: Kind,
    own: [Option<String>; 3],
    preset: Option<(Preset, Queries)>,
    /// How fresh the payments are (L10).
    pub(super) fresh: Option<String>,
    /// Whose rows have changed (L8).
    pub(super) changed: Option<String>,
}

impl Asked {
    /// What the settings say; `folder` is what a file is relative to.
    ///
    /// # Errors
    /// A query that is missing or cannot be read, an option that is none.
    pub(super) fn of(settings: &Settings, place: &Place, folder: &Path) -> Result<Self, QueryError> {
        let kind = place.kind();
        let preset = match &settings.preset {
            None if !settings.options.is_empty() => {
                let sentence = "they are for a preset: preset = \"tryton\"".to_owned();
                return Err(QueryError::Setting { key: "options", sentence });
            }
            None => None,
            Some(name) => {
                let wrong = |key| move |sentence| QueryError::Setting { key, sentence };
                let preset = preset::find(name).map_err(wrong("preset"))?;
                let preset = preset.with(&settings.options).map_err(wrong("options"))?;
                let queries = preset.queries(kind.word()).map_err(wrong("preset"))?.clone();
                Some((preset, queries))
            }
        };
        let query = |set, text: &Option<String>, file: &Option<PathBuf>| {
            let text = match (text, file) {
                (Some(text), None) => text.clone(),
                (None, Some(file)) => {
                    let path = folder.join(file);
                    let unreadable = |source| QueryError::File { set, path: path.display().to_string(), source };
                    std::fs::read_to_string(&path).map_err(unreadable)?
                }
                (None, None) if preset.is_some() || ["fresh", "changed_since"].contains(&set) => return Ok(None),
                (Some(_), Some(_)) => return Err(QueryError::Two { set }),
                _ => return Err(QueryError::NoQuery { set }),
            };
            single(&text, kind).map(Some).map_err(|sentence| QueryError::Statement { set, sentence })
        };
        let own = [
            query("customers", &settings.customers, &settings.customers_file)?,
            query("invoices", &settings.invoices, &settings.invoices_file)?,
            query("payments", &settings.payments, &settings.payments_file)?,
        ];
        let fresh = query("fresh", &settings.fresh, &settings.fresh_file)?;
        let changed = query("changed_since", &settings.changed_since, &settings.changed_since_file)?;
        if changed.as_ref().is_some_and(|sql| !sql.contains(SINCE)) {
            let sentence = "it does not say `:since`: without it all customers have changed".to_owned();
            return Err(QueryError::Statement { set: "changed_since", sentence });
        }
        Ok(Self { kind, own, preset, fresh, changed })
    }

    /// The query of whom has changed, since an instant of the accounts' own clock.
    pub(super) fn changed_since(&self, since: &str) -> Option<String> {
        // As a text, and not as a parameter: so it takes the type of the column beside it.
        Some(self.changed.as_ref()?.replace(SINCE, &format!("'{}'", since.replace('\'', ""))))
    }

    /// The queries for these accounts: a preset's depend on the tables that there are.
    ///
    /// # Errors
    /// When the accounts are not those of the preset's program, or cannot be asked.
    pub(super) async fn of_session(&self, session: &mut Session) -> Result<Queries, QueryError> {
        let of_preset = match &self.preset {
            None => None,
            Some((preset, queries)) => {
                let there = tables(session, self.kind).await?;
                if let Some(missing) = preset.missing(&there) {
                    let (title, versions) = (preset.title.clone(), preset.versions.clone());
                    return Err(QueryError::OtherProgram { title, versions, missing: missing.to_owned() });
                }
                let fitted = |text: &String| preset::fitted(text, &there);
                let Queries { customers, invoices, payments } = queries;
                Some([fitted(customers), fitted(invoices), fitted(payments)])
            }
        };
        let query = |at: usize| {
            let own = self.own.get(at).cloned().flatten();
            own.or_else(|| of_preset.as_ref().and_then(|all| all.get(at).cloned())).unwrap_or_default()
        };
        Ok(Queries { customers: query(0), invoices: query(1), payments: query(2) })
    }
}

/// The tables and columns that the queries can name: `table`, `table.column`.
async fn tables(session: &mut Session, kind: Kind) -> Result<HashSet<String>, QueryError> {
    let sql = match kind {
        Kind::Sqlite => {
            "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type IN ('table', 'view')"
        }
        // Not the information_schema: a table that the user may not read is to fail, and not to be missed in silence.
        Kind::Postgres => {
            "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        }
        Kind::MySql => {
            "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns WHERE table_schema = DATABASE()"
        }
    };
    let mut there = HashSet::new();
    let found = session.each(sql, |row| {
        if let Some(name) = row.first_text() {
            there.extend(name.split_once('.').map(|(table, _)| table.to_owned()));
            there.insert(name);
        }
    });
    found.await.map_err(|e| QueryError::Query { set: "preset's first", problem: e.to_string() })?;
    Ok(there)
}
