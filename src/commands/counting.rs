//! What the commands share that only count what stands in the books.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use chrono::NaiveDate;
use clap::Args;

use super::{Exit, Failure, Format, Globals, Result, open, output};
use crate::database::Database;
use crate::ledger::source::Source;
use crate::report::books::{Books, ReportError};
use crate::report::picture::{self, Panel, PictureError};
use crate::timetable::{Timetable, calendar};

/// What is counted: nothing of it is made or changed.
pub struct Counting {
    pub timetable: Timetable,
    pub source: Source,
    pub db: Database,
    pub today: NaiveDate,
}

impl Counting {
    /// Opens it.
    pub async fn open(globals: &Globals) -> Result<Self> {
        let config = open::config(globals)?;
        let timetable = open::timetable(&config)?;
        let source = open::source(&config, timetable.time_zone)?;
        let db = open::database_to_look(&config).await?;
        let today = calendar::local(timetable.time_zone, globals.clock().now()).0;
        Ok(Self { timetable, source, db, today })
    }

    /// The ledger as of a day.
    pub async fn books(&self, on: NaiveDate) -> Result<Books, ReportError> {
        Books::open(&self.db, &self.source, &self.timetable.ranks, on, self.today).await
    }
}

/// The picture that most of these can draw.
#[derive(Debug, Args)]
pub struct Picture {
    /// Also as a picture (SVG), for a browser or a document
    #[arg(long, value_name = "FILE.svg")]
    picture: Option<PathBuf>,
}

impl Picture {
    /// Writes it, if it was asked for. `panels`: what is on it.
    pub fn draw(&self, panels: impl FnOnce() -> Vec<Panel>) -> Result<()> {
        let Some(path) = &self.picture else { return Ok(()) };
        if path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("svg")) {
            return Err(anyhow!("{}: a picture is an SVG file: its name ends in .svg", path.display()).into());
        }
        match picture::svg(&panels()) {
            Err(PictureError::Nothing) => output::remark("there is nothing to draw, and no picture was written"),
            drawn => {
                std::fs::write(path, drawn.context("no picture was written")?)
                    .with_context(|| format!("{}: the picture cannot be written", path.display()))?;
            }
        }
        Ok(())
    }
}

/// Refuses `--csv` beside `--format json`.
pub fn one_format(globals: &Globals, csv: bool) -> Result<()> {
    if csv && globals.format == Format::Json {
        return Err(anyhow!("--csv and --format json are two formats: give one of them").into());
    }
    Ok(())
}

/// A ledger that cannot be read is no mistake of the command: as with a poll whose read has failed, it ran, and there is
/// nothing to show.
pub fn failed(error: ReportError) -> Result {
    match error {
        ReportError::Database(error) => Err(error.into()),
        error @ ReportError::PastQuery { .. } => Err(Failure::Wrong(error.into())),
        error @ ReportError::Read(_) => {
            output::complain(&error.to_string());
            Ok(Exit::Attention)
        }
    }
}
