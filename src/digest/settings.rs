//! `[digest]` of `dunningd.toml`.

use chrono::NaiveTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::address::EmailAddress;

/// `[digest]`: an e-mail to colleagues in the morning of each business day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Its hour, in the timetable's `time_zone`: `"07:30"`. It asks for no send window, and the daemon polls before it, so that
    /// it has the tasks of the day.
    #[serde(serialize_with = "written", deserialize_with = "hour")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub at: NaiveTime,
    /// Who reads how things stand: an address or several.
    #[serde(deserialize_with = "addresses")]
    #[cfg_attr(test, schemars(with = "Vec<String>", extend("type" = ["array", "string"])))]
    pub manager: Vec<EmailAddress>,
    /// Whether each collector of the ledger gets one about the own customers, if there is anything to say.
    pub collectors: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { at: NaiveTime::from_hms_opt(7, 30, 0).unwrap_or_default(), manager: Vec::new(), collectors: true }
    }
}

fn written<S: Serializer>(at: &NaiveTime, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&at.format("%H:%M"))
}

fn hour<'de, D: Deserializer<'de>>(d: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(d)?;
    let problem = |_| serde::de::Error::custom(format!("{text:?} is no time of day: write it as \"07:30\""));
    NaiveTime::parse_from_str(&text, "%H:%M").map_err(problem)
}

fn addresses<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<EmailAddress>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "an address or a list of addresses")]
    enum Addresses {
        One(String),
        Many(Vec<String>),
    }
    let all = match Addresses::deserialize(d)? {
        Addresses::One(one) => vec![one],
        Addresses::Many(many) => many,
    };
    let read = |text: &String| {
        EmailAddress::parse(text).map_err(|reason| serde::de::Error::custom(format!("{text:?} is no address: {reason}")))
    };
    all.iter().map(read).collect()
}

/// The line of the schedule with which the daemon polls at an hour of theirs, on the days of the send window.
#[must_use]
pub fn slot(at: NaiveTime, days: [bool; 7]) -> String {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let days: Vec<&str> = NAMES.iter().zip(days).filter(|(_, open)| *open).map(|(day, _)| *day).collect();
    format!("{} * * {}", at.format("%-M %-H"), days.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_default_and_says_what_is_wrong_with_it() {
        let read = |text: &str| toml::from_str::<Settings>(text).map_err(|e| e.message().to_owned());
        let plain = read("").unwrap();
        assert_eq!((plain.at.to_string(), plain.manager.len(), plain.collectors), ("07:30:00".to_owned(), 0, true));
        let all = read("at = \"06:05\"\nmanager = \"a@x.test\"\ncollectors = false").unwrap();
        assert_eq!(
            (all.at.to_string(), all.manager[0].to_string(), all.collectors),
            ("06:05:00".into(), "a@x.test".into(), false)
        );
        assert_eq!(read("manager = [\"a@x.test\", \"b@x.test\"]").unwrap().manager.len(), 2);
        assert!(read("at = \"7\"").unwrap_err().contains("write it as \"07:30\""));
        assert!(read("manager = \"nobody\"").unwrap_err().contains("no address"));
        assert_eq!(toml::from_str::<Settings>(&toml::to_string(&all).unwrap()).unwrap(), all);
        assert_eq!(slot(all.at, [true, true, true, true, false, false, true]), "5 6 * * mon,tue,wed,thu,sun");
    }
}
