//! Opens what a command needs, in the order in which a mistake is cheapest to find.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context as _, anyhow};
use chrono_tz::Tz;

use super::{Failure, Globals, Result};
use crate::config::{self, Config, LedgerSource};
use crate::daemon::calendar::Calendars;
use crate::daemon::mark::Mark;
use crate::daemon::office::Office;
use crate::daemon::shift::Shift;
use crate::database::{Database, Location};
use crate::delivery::Relay;
use crate::diagnostic::places::Places;
use crate::diagnostic::{Problem, Severity, nearest};
use crate::digest;
use crate::ledger::profile;
use crate::ledger::query::{QueryLedger, Surroundings};
use crate::ledger::source::Source;
use crate::message::Renderer;
use crate::message::dkim::Signer;
use crate::timetable::{self, Action, Step, Timetable};

/// The folder of the configuration.
pub fn folder(globals: &Globals) -> PathBuf {
    globals.config.clone().unwrap_or_else(config::default_folder)
}

/// `dunningd.toml`.
pub fn config(globals: &Globals) -> Result<Config> {
    Ok(config::load(&folder(globals))?)
}

/// `timetable.toml`; its warnings are for `check`.
pub fn timetable(config: &Config) -> Result<Timetable> {
    Ok(config::load_timetable(&config.folder)?.0)
}

/// The database, made if there is none.
pub async fn database(config: &Config) -> Result<Database> {
    Ok(Database::open(&Database::locate(&config.database.url, &config.folder)?).await?)
}

/// The database as it is, for a command that only looks: nothing is made.
pub async fn database_to_look(config: &Config) -> Result<Database> {
    Ok(Database::open_to_look(&Database::locate(&config.database.url, &config.folder)?).await?)
}

/// The lines of the schedule, with those of the hours of the digest and of the forewarning.
pub fn schedule(config: &Config, timetable: &Timetable) -> Vec<String> {
    let hours = config.digest.as_ref().map(|d| d.at).into_iter().chain(timetable.approval.at);
    let hours = hours.map(|at| digest::slot(at, timetable.calendar.window.days));
    config.poll.schedule.iter().cloned().chain(hours).collect()
}

/// Where the ledger is read from; `zone`: the timetable's.
pub fn source(config: &Config, zone: Tz) -> Result<Source> {
    let asked = config.ledger.payments_max_age.is_some();
    for name in config.ledger.drop_profiles.values() {
        profile::find(name, &config.folder)?;
    }
    match (config.ledger.source, &config.ledger.query) {
        (LedgerSource::Query, Some(settings)) if asked && !settings.says_how_fresh() => Err(anyhow!(
            "[ledger] payments_max_age needs `fresh` (or `fresh_file`) in [ledger.query]: a query of the day of the last booked bank statement"
        )
        .into()),
        (LedgerSource::Query, Some(settings)) if !asked && settings.says_how_fresh() => {
            Err(anyhow!("[ledger.query] fresh does nothing alone: say with payments_max_age of [ledger] how old the payments may be").into())
        }
        (LedgerSource::Own, _) => Ok(Source::Own),
        _ if config.ledger.drop.is_some() => {
            Err(anyhow!("[ledger] drop is a folder for files of the own ledger, and source is \"query\": take one of them away").into())
        }
        (LedgerSource::Query, Some(settings)) => {
            let (folder, credentials) = (config.folder.as_path(), config.credentials.as_deref());
            let scratch = scratch(config);
            let max_bad_rows = config.ledger.max_bad_rows;
            let around = Surroundings { folder, credentials, zone, max_bad_rows, scratch: &scratch };
            Ok(Source::Query(Box::new(QueryLedger::new(settings, around).map_err(anyhow::Error::from)?)))
        }
        (LedgerSource::Query, None) => {
            Err(anyhow!("[ledger] source = \"query\" needs [ledger.query] with `url` and the three queries").into())
        }
    }
}

/// Where a read of the accounts is kept for the time of its use: beside the database, where there is room for it and nobody
/// else looks; before that is made, where such files usually lie.
fn scratch(config: &Config) -> PathBuf {
    let beside = match Database::locate(&config.database.url, &config.folder) {
        Ok(Location::Sqlite(file)) => file.parent().map(Path::to_owned),
        _ => None,
    };
    beside.filter(|folder| folder.is_dir()).unwrap_or_else(std::env::temp_dir)
}

/// The relay; with `--now` only one on this host, or the file transport.
pub fn relay(globals: &Globals, config: &Config) -> Result<Relay> {
    let domain = config.company.from.address.domain();
    let relay = Relay::new(config.relay.clone(), config.credentials.clone(), domain).map_err(anyhow::Error::from)?;
    if globals.now.is_some() && !relay.is_loopback_or_file() {
        return Err(anyhow!("--now takes an instant for the present, so a real relay is refused: use a relay on this host, or transport = \"file\"").into());
    }
    Ok(relay)
}

/// What signs the messages, if there is a `[dkim]`.
pub fn signer(config: &Config) -> Result<Option<Signer>> {
    let Some(settings) = &config.dkim else { return Ok(None) };
    let signer = Signer::new(settings, config.credentials.as_deref(), config.company.from.address.domain());
    Ok(Some(signer.map_err(|(key, sentence)| anyhow!("[dkim] {key}: {sentence}"))?))
}

/// Refuses a `[company]` whose keys do not go together.
pub fn company(config: &Config) -> Result<()> {
    match config.company.problems().first() {
        Some((key, sentence)) => Err(anyhow!("[company] {key}: {sentence}").into()),
        None => Ok(()),
    }
}

/// Everything that polls work with.
pub async fn office(globals: &Globals, config: &Config) -> Result<Office> {
    let (parts, signer) = (parts(config)?, signer(config)?);
    Ok(Office { signer, ..furnish(globals, config, parts, database(config).await?) })
}

/// Everything that works together, with the right to plan and send.
pub async fn shift(globals: &Globals, config: &Config, relay: Relay) -> Result<Shift> {
    let office = office(globals, config).await?;
    let mark = Mark::place(&office.db, &config.database.mark_file(&config.folder));
    Ok(Shift::begin(office, relay, Some(mark), config.database.lease).await?)
}

/// The high-water mark beside the daemon, if there is one (D16).
pub fn mark(config: &Config, db: &Database) -> Result<Mark> {
    let place = Mark::place(db, &config.database.mark_file(&config.folder));
    Ok(Mark::open(Some(place)).map_err(anyhow::Error::from)?)
}

/// The same, for a command that only looks: nothing is signed.
pub async fn office_to_look(globals: &Globals, config: &Config) -> Result<Office> {
    let parts = parts(config)?;
    Ok(furnish(globals, config, parts, database_to_look(config).await?))
}

/// What the files say, before a database is touched.
pub type Parts = (Timetable, Renderer, Source);

fn parts(config: &Config) -> Result<Parts> {
    company(config)?;
    let timetable = timetable(config)?;
    let renderer = renderer(config, &timetable)?;
    let source = source(config, timetable.time_zone)?;
    Ok((timetable, renderer, source))
}

/// Everything that polls work with, of what the files say; nothing is signed.
pub fn furnish(globals: &Globals, config: &Config, (timetable, renderer, source): Parts, db: Database) -> Office {
    Office {
        clock: Mutex::new(globals.clock()),
        db,
        timetable_hash: config::timetable_hash(&config.folder),
        timetable,
        source,
        inbox: config.inbox(),
        guard: config.ledger.guard.clone(),
        payments_max_age: config.ledger.payments_max_age,
        renderer,
        company: config.company.clone(),
        default_language: config.templates.default_language.clone(),
        attachments: config.attachments.clone(),
        keep_messages: chrono::TimeDelta::from_std(config.database.keep_messages).unwrap_or(chrono::TimeDelta::MAX),
        digest: config.digest.clone(),
        calendars: config.calendar.clone().map(Calendars::new),
        signer: None,
    }
}

/// The step of an id, or which one may be meant.
pub fn known_step<'t>(timetable: &'t Timetable, id: &str) -> Result<&'t Step> {
    timetable.step(id).ok_or_else(|| {
        let known: Vec<&str> = timetable.steps.iter().map(|s| s.id.as_str()).collect();
        let near = nearest(id, known.iter().copied()).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
        anyhow!("the timetable has no step {id:?}{near} Known: {}", known.join(", ")).into()
    })
}

/// The templates, with every one that the timetable names.
pub fn renderer(config: &Config, timetable: &Timetable) -> Result<Renderer> {
    if needs_no_templates(config, timetable) {
        return Ok(Renderer::none(&config.templates.default_language));
    }
    let renderer = Renderer::load(&config.templates.directory, &config.templates.default_language)?;
    let lint = renderer.lint().into_iter().filter(|p| p.severity == Severity::Error);
    let missing = missing_templates(config, timetable, &renderer).into_iter().chain(missing_of_colleagues(
        config,
        Some(timetable),
        &renderer,
    ));
    let wrong: Vec<_> = lint.chain(missing).collect();
    if wrong.is_empty() { Ok(renderer) } else { Err(wrong.into()) }
}

/// Whether the timetable has nothing but tasks, and there is no folder of templates: then none is missed.
pub fn needs_no_templates(config: &Config, timetable: &Timetable) -> bool {
    let tasks_only = timetable.steps.iter().all(|s| matches!(s.action, Action::Task { .. }));
    tasks_only && config.digest.is_none() && timetable.approval.at.is_none() && !config.templates.directory.exists()
}

/// The templates of the digest and of the forewarning, where they are wanted and not there.
pub fn missing_of_colleagues(config: &Config, timetable: Option<&Timetable>, renderer: &Renderer) -> Vec<Problem> {
    let language = &config.templates.default_language;
    let missing = |table: &str, file: &str, name: &str| {
        let folder = config.templates.directory.join(language).join(name);
        let message = format!("{table} needs templates, and there is no folder {}", folder.display());
        let help = format!(
            "`dunningd init` writes them into a new folder: copy `_digest` of its templates, and `{name}` of your language"
        );
        Problem::error(&config.folder.join(file).display().to_string(), "", None, message).help(help)
    };
    let digest = config.digest.is_some() && !renderer.has_digest(language);
    let forewarning = timetable.is_some_and(|t| t.approval.at.is_some()) && !renderer.has_forewarning(language);
    let digest = digest.then(|| missing("[digest]", config::FILE, crate::message::digest::FOLDER));
    let own = forewarning.then(|| missing("[approval] at", config::TIMETABLE, crate::message::forewarning::FOLDER));
    digest.into_iter().chain(own).collect()
}

/// What is wrong with those of them that are wanted.
pub fn check_of_colleagues(config: &Config, timetable: Option<&Timetable>, renderer: &Renderer) -> Vec<Problem> {
    let (language, company) = (&config.templates.default_language, &config.company);
    let mut found = Vec::new();
    if config.digest.is_some() {
        found.extend(renderer.check_digest(language, company));
    }
    if timetable.is_some_and(|t| t.approval.at.is_some()) {
        found.extend(renderer.check_forewarning(language, company));
    }
    found
}

/// The templates that the timetable names and that are not there.
pub fn missing_templates(config: &Config, timetable: &Timetable, renderer: &Renderer) -> Vec<Problem> {
    missing_of(&config.folder.join(config::TIMETABLE), config, timetable, renderer)
}

/// The same, of a timetable in another file.
pub fn missing_of(file: &Path, config: &Config, timetable: &Timetable, renderer: &Renderer) -> Vec<Problem> {
    let (file, text) = (file.display().to_string(), config::read(file, "").unwrap_or_default());
    let places = Places::of(&file, &text);
    // The one for copies is missed only if the file names it, or when a copy is asked for.
    let copy = &timetable.worklist.invoice_copy;
    let named = (copy != &timetable::Worklist::default().invoice_copy).then_some(copy);
    timetable.steps.iter().chain(named).filter_map(|step| missing(&places, config, step, renderer)).collect()
}

/// The template of one step, if it is not there.
pub fn missing_step(config: &Config, step: &Step, renderer: &Renderer) -> Option<Problem> {
    let path = config.folder.join(config::TIMETABLE);
    let (file, text) = (path.display().to_string(), config::read(&path, "").unwrap_or_default());
    missing(&Places::of(&file, &text), config, step, renderer)
}

fn missing(places: &Places<'_>, config: &Config, step: &Step, renderer: &Renderer) -> Option<Problem> {
    let names = renderer.names();
    let (template, key) = match &step.action {
        Action::Email { template } => (template, "email"),
        Action::Notice { template, .. } => (template, "notify"),
        Action::Task { .. } => return None,
    };
    if names.contains(template.as_str()) {
        return None;
    }
    let help = match nearest(template, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", names.iter().copied().collect::<Vec<_>>().join(", ")),
    };
    let folder = config.templates.directory.join(&config.templates.default_language).join(template);
    let (id, folder) = (&step.id, folder.display());
    let message = format!("the step `{id}` names the template `{template}`, and there is no folder {folder}");
    Some(places.problem("template-missing", places.step(id, key), message, &help))
}

/// Makes a folder and everything above it.
pub fn make_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("the folder {} cannot be made", path.display())).map_err(Failure::from)
}
