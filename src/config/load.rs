//! Reads both files of the configuration, and what lies beneath and above `dunningd.toml`.

use std::path::Path;

use super::{Config, FILE, TIMETABLE, credentials_directory, mistakes};
use crate::delivery::preset;
use crate::diagnostic::Problem;
use crate::diagnostic::words;
use crate::timetable::{self, Timetable};

/// Reads `dunningd.toml` of a folder, and what the environment overrides (`DUNNINGD__RELAY__HOST=…`). The preset of the
/// relay lies beneath both.
///
/// # Errors
/// What is wrong, with its place.
pub fn load(folder: &Path) -> Result<Config, Vec<Problem>> {
    match look(folder) {
        (Some(config), problems) if problems.is_empty() => Ok(config),
        (_, problems) => Err(problems),
    }
}

/// All that is wrong with `dunningd.toml`, and what is right of it, so that the rest of the configuration can be looked at in
/// spite of a mistake. Nothing may be done by a configuration with problems.
#[must_use]
pub fn look(folder: &Path) -> (Option<Config>, Vec<Problem>) {
    let path = folder.join(FILE);
    let file = path.display().to_string();
    let text = match read(&path, "run `dunningd init` to write a configuration to start from, or name its folder with --config") {
        Ok(text) => text,
        Err(problems) => return (None, problems),
    };
    let Err(error) = toml::from_str::<Config>(&text) else {
        return match layered(folder, &text) {
            Ok(config) => (Some(config), Vec::new()),
            Err(problem) => (None, vec![*problem]),
        };
    };
    let (problems, rest) = mistakes::all(&file, &text);
    if problems.is_empty() {
        let (message, help, code) = words::said(error.message().trim());
        return (None, vec![Problem::error(&file, &text, error.span(), message).help(help).coded(code)]);
    }
    (rest.and_then(|rest| layered(folder, &rest).ok()), problems)
}

/// The configuration of a text, above its preset and below the environment.
fn layered(folder: &Path, text: &str) -> Result<Config, Box<Problem>> {
    let layered = layers(text, "").and_then(|given| match beneath(&given) {
        preset if preset.is_empty() => Ok(given),
        preset => layers(text, &preset),
    });
    let mut config = layered.and_then(config::Config::try_deserialize::<Config>).map_err(|error| {
        let (message, near, code) = words::said(&error.to_string());
        let named = "a variable is named DUNNINGD__TABLE__KEY, such as DUNNINGD__RELAY__HOST".to_owned();
        let help = if code.starts_with("unknown") { near } else { named };
        Box::new(Problem::error("the environment (DUNNINGD__…)", "", None, message).help(help).coded(code))
    })?;
    folder.clone_into(&mut config.folder);
    config.credentials = credentials_directory();
    config.resolve_paths();
    Ok(config)
}

fn layers(text: &str, beneath: &str) -> Result<config::Config, config::ConfigError> {
    config::Config::builder()
        .add_source(config::File::from_str(beneath, config::FileFormat::Toml))
        .add_source(config::File::from_str(text, config::FileFormat::Toml))
        .add_source(config::Environment::with_prefix("DUNNINGD").prefix_separator("__").separator("__"))
        .build()
}

/// What lies beneath the file and the environment: the keys of `relay.preset`, as TOML.
fn beneath(given: &config::Config) -> String {
    let word = |key: &str| given.get_string(&format!("relay.{key}")).ok();
    let is_given = |key: &str| given.get::<config::Value>(&format!("relay.{key}")).is_ok();
    let Some(preset) = word("preset") else { return String::new() };
    let relay = preset::beneath(&preset, word("region").as_deref(), is_given);
    if relay.is_empty() { String::new() } else { toml::Table::from_iter([("relay".to_owned(), relay.into())]).to_string() }
}

/// Reads `timetable.toml` of a folder.
///
/// # Errors
/// Every problem, with its place.
pub fn load_timetable(folder: &Path) -> Result<(Timetable, Vec<Problem>), Vec<Problem>> {
    timetable_of(&folder.join(TIMETABLE), START)
}

/// All that is wrong with `timetable.toml`, and what is right of it: as [`look`].
#[must_use]
pub fn look_at_timetable(folder: &Path) -> (Option<Timetable>, Vec<Problem>) {
    let path = folder.join(TIMETABLE);
    match read(&path, START) {
        Ok(text) => timetable::file::look(&path.display().to_string(), &text),
        Err(problems) => (None, problems),
    }
}

const START: &str = "run `dunningd init` to write one to start from, or name its folder with --config";

/// Reads the timetable of a file, wherever it is; `help`: what to do if it is not there.
///
/// # Errors
/// Every problem, with its place.
pub fn timetable_of(path: &Path, help: &str) -> Result<(Timetable, Vec<Problem>), Vec<Problem>> {
    let text = read(path, help)?;
    timetable::file::parse(&path.display().to_string(), &text)
}

/// The text of a file of the configuration.
///
/// # Errors
/// It cannot be read, or is no UTF-8.
pub fn read(path: &Path, help: &str) -> Result<String, Vec<Problem>> {
    let file = path.display().to_string();
    let bytes =
        std::fs::read(path).map_err(|e| vec![Problem::error(&file, "", None, format!("it cannot be read: {e}")).help(help)])?;
    String::from_utf8(bytes).map_err(|e| {
        let message = format!("byte {} is not UTF-8", e.utf8_error().valid_up_to());
        vec![Problem::error(&file, "", None, message).help("save the file as UTF-8")]
    })
}
