//! `[calendar]` of `dunningd.toml`.

use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `[calendar]`: files for calendar programs, kept up to date by the daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The folder in which they lie: `all.ics`, and one named after the address of each collector. It is made if it is not
    /// there.
    pub folder: PathBuf,
    /// `"tasks"` for programs that know tasks (Thunderbird, Apple, Nextcloud); `"events"`, of a whole day, for those that show nothing
    /// else (Outlook, Google).
    #[serde(default)]
    pub entries: Entries,
}

/// What a task is in a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Entries {
    /// A VTODO, due on its day.
    #[default]
    Tasks,
    /// A VEVENT of the whole day; of an overdue task it is today.
    Events,
}

impl FromStr for Entries {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "tasks" => Ok(Self::Tasks),
            "events" => Ok(Self::Events),
            _ => Err("one of tasks, events".to_owned()),
        }
    }
}
