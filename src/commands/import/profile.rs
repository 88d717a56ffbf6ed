//! `dunningd import --profile`: the files of accounting programs.

use std::path::Path;

use anyhow::anyhow;
use serde_json::json;

use super::super::{Format, Result, output};
use super::Import;
use crate::config::Config;
use crate::ledger::profile::{self, Given, Profile, Translated};

/// Reads the files, before anything is opened.
pub fn read(name: &str, args: &Import, config: &Config) -> Result<(Profile, Translated)> {
    let profile = profile::find(name, Path::new(""))?;
    let given = Given { import: &config.import, currency: args.currency, date_format: args.date_format.clone() };
    let found = profile::translate(&profile, &args.files, &given).map_err(|e| anyhow!("{e}\nnothing was changed"))?;
    Ok((profile, found))
}

/// Lists the shipped profiles.
pub fn list(format: Format) -> Result<()> {
    let mut table = output::table(&["PROFILE", "READS"]);
    let mut all = Vec::new();
    for name in profile::names() {
        let Profile { file, .. } = profile::find(name, Path::new(""))?;
        table.add_row([name, file.title.as_deref().unwrap_or_default()]);
        all.push(json!({ "profile": name, "title": file.title, "menu": file.menu, "checked": file.checked, "notes": file.notes,
            "complete": file.complete }));
    }
    match format {
        Format::Json => output::json(&json!({ "profiles": all })),
        Format::Text => output::show(&table),
    }
    Ok(())
}
