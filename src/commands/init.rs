//! `dunningd init`: a commented configuration to start from.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::Args;

use super::{Exit, Result, open, output};
use crate::config;
use crate::ledger::preset;
use crate::message::shipped;

/// Writes what is not there yet.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder
    #[arg(default_value = "config", value_name = "DIR")]
    dir: PathBuf,
    /// The accounting program whose database is the ledger: gnucash, tryton, … (docs/presets.md)
    #[arg(long, value_name = "NAME", requires = "url")]
    preset: Option<String>,
    /// Where its database is: sqlite:books.gnucash, postgres://reader@books/erp or mysql://…
    #[arg(long, requires = "preset")]
    url: Option<String>,
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
    let file = args.dir.join(config::FILE);
    let text = match (&args.preset, &args.url) {
        (Some(preset), Some(url)) => {
            if file.exists() {
                let help = "write `preset` and `url` into its [ledger.query], and source = \"query\" into [ledger]";
                return Err(anyhow!("{} is there already and stays as it is: {help}", file.display()).into());
            }
            reading(preset, url)?
        }
        _ => CONFIG.to_owned(),
    };
    count(write_new(&file, text.as_bytes())?);
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
    if args.preset.is_some() {
        output::line(format!(
            "next: `dunningd --config {shown} plan --days 30` says what would go out; then edit {shown}/timetable.toml, and the \
             relay and the company in {shown}/dunningd.toml"
        ));
        return Ok(Exit::Done);
    }
    output::line(format!(
        "next: edit {shown}/dunningd.toml and {shown}/timetable.toml, then run `dunningd --config {shown} check`"
    ));
    Ok(Exit::Done)
}

/// The configuration of a company whose ledger is an accounting program's database.
fn reading(name: &str, url: &str) -> Result<String> {
    preset::find(name).map_err(|sentence| anyhow!("--preset: {sentence}"))?;
    let url = match url.strip_prefix("sqlite:") {
        // As it is here; in the file it would be relative to that.
        Some(book) => format!("sqlite:{}", book_at(book)?.display()),
        None => url.to_owned(),
    };
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let lines = format!("[ledger.query]\nurl       = {}\npreset    = {}\n", quoted(&url), quoted(name));
    Ok(CONFIG.replacen("source = \"own\"", "source = \"query\"", 1).replacen("# [ledger.query]\n", &lines, 1))
}

/// The file of a book, if it is one that can be asked.
fn book_at(book: &str) -> Result<PathBuf> {
    let path = std::path::absolute(book.strip_prefix("//").unwrap_or(book))?;
    let mut head = [0; 15];
    let read = std::fs::File::open(&path).and_then(|mut file| file.read(&mut head));
    let many = read.with_context(|| format!("--url: {} cannot be read", path.display()))?;
    if head[..many].starts_with(&[0x1f, 0x8b]) || head[..many].starts_with(b"<?xml") {
        let help = "in GnuCash, `File > Save As` with the data format `sqlite3` makes one that can be asked";
        return Err(anyhow!("--url: {} is a book in XML, which has no tables: {help}", path.display()).into());
    }
    if &head[..many] != b"SQLite format 3" {
        return Err(anyhow!("--url: {} is no SQLite database", path.display()).into());
    }
    Ok(path)
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
