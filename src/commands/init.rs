//! `dunningd init`: a commented configuration to start from.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::{Exit, Result, open, output};
use crate::config;
use crate::message::shipped;

/// Writes what is not there yet.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder
    #[arg(default_value = "config", value_name = "DIR")]
    dir: PathBuf,
}

const CONFIG: &str = include_str!("../../config/dunningd.toml");
const TIMETABLE: &str = include_str!("../../config/timetable.toml");
/// What the two files name in their first lines, for editors.
const SCHEMAS: [(&str, &str); 2] = [
    ("dunningd.json", include_str!("../../config/schemas/dunningd.json")),
    ("timetable.json", include_str!("../../config/schemas/timetable.json")),
];

pub fn run(args: &Init) -> Result {
    let (mut written, mut kept) = (0, 0);
    let mut count = |new: bool| if new { written += 1 } else { kept += 1 };
    count(write_new(&args.dir.join(config::FILE), CONFIG.as_bytes())?);
    count(write_new(&args.dir.join(config::TIMETABLE), TIMETABLE.as_bytes())?);
    for new in write_schemas(&args.dir)? {
        count(new);
    }
    for (path, bytes) in shipped::files() {
        count(write_new(&args.dir.join("templates").join(path), bytes)?);
    }
    output::line(format!("{written} files written to {}", args.dir.display()));
    if kept > 0 {
        output::line(format!("{kept} files were there already and were left as they are"));
    }
    let shown = args.dir.display();
    output::line(format!(
        "next: edit {shown}/dunningd.toml and {shown}/timetable.toml, then run `dunningd --config {shown} check`"
    ));
    Ok(Exit::Done)
}

/// Writes the JSON Schemas that are not there; says of each whether it did.
pub fn write_schemas(dir: &Path) -> Result<Vec<bool>> {
    SCHEMAS.iter().map(|(name, schema)| write_new(&dir.join("schemas").join(name), schema.as_bytes())).collect()
}

/// Writes a file that is not there; says whether it did.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<bool> {
    if let Some(folder) = path.parent() {
        open::make_folder(folder)?;
    }
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    match made {
        Ok(mut file) => {
            file.write_all(bytes)?;
            Ok(true)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(|| format!("{} cannot be written", path.display()))?,
    }
}
