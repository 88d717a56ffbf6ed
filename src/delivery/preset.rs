//! The relays that `relay.preset` names: data (`presets.toml`), laid beneath what the configuration says.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::settings::{Mechanism, Settings};
use crate::diagnostic::nearest;

/// What is known of one provider's relay.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// `{region}` stands for the region.
    #[serde(default)]
    host: String,
    /// A host for each region.
    #[serde(default)]
    regions: BTreeMap<String, String>,
    /// A region, for messages to people.
    #[serde(default)]
    example: String,
    /// The limits that hold for every account.
    #[serde(default)]
    firm: Vec<String>,
    /// Keys of `[relay]`.
    relay: toml::Table,
    #[serde(default)]
    trap: Vec<Trap>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trap {
    says: String,
    unless_auth: Option<Mechanism>,
}

/// A sentence about the relay that a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub says: String,
    /// It is about the settings as they are now, and not only about the relay.
    pub matters: bool,
}

/// Every preset by its name.
///
/// # Errors
/// When the shipped file cannot be read, which a test rules out.
pub fn all() -> Result<BTreeMap<String, Preset>, toml::de::Error> {
    toml::from_str(include_str!("presets.toml"))
}

/// The preset that the settings name.
fn named_by(settings: &Settings) -> Option<Preset> {
    all().ok()?.remove(settings.preset.as_deref()?)
}

/// Reads `relay.preset`: the name of a preset that there is.
pub(super) fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let all = all().map_err(serde::de::Error::custom)?;
    if all.contains_key(&name) {
        return Ok(Some(name));
    }
    let known = || all.keys().map(String::as_str);
    let help = match nearest(&name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
    };
    Err(serde::de::Error::custom(format!("unknown preset `{name}`: {help}")))
}

/// The keys of `[relay]` that a preset brings, to be laid beneath what is given; empty without one. `given` says whether a
/// key stands in the configuration: a port belongs to its way of protection, so that the preset's does not stay when only
/// `tls` is another.
#[must_use]
pub fn beneath(name: &str, region: Option<&str>, given: impl Fn(&str) -> bool) -> toml::Table {
    let Some(preset) = all().ok().and_then(|mut all| all.remove(name)) else { return toml::Table::new() };
    let mut keys = preset.relay.clone();
    if let Ok(host) = preset.host(region) {
        keys.insert("host".to_owned(), host.into());
    }
    if given("tls") && !given("port") {
        keys.remove("port");
    }
    keys
}

/// What is wrong with `region`, as a key and a sentence.
pub(super) fn problem(settings: &Settings) -> Option<(&'static str, String)> {
    let Some(name) = &settings.preset else {
        return settings.region.is_some().then(|| ("region", "it is for a preset: preset = \"amazon-ses\"".to_owned()));
    };
    let preset = named_by(settings)?;
    if settings.region.is_some() && !preset.has_regions() {
        return Some(("region", format!("{name} has one host for all regions: leave it out")));
    }
    // Another host than the preset's needs no region.
    if settings.region.is_none() && !settings.host.is_empty() {
        return None;
    }
    preset.host(settings.region.as_deref()).err().map(|sentence| ("region", format!("{name} {sentence}")))
}

/// What a person should know of the relay that the settings name: first what matters with these settings.
#[must_use]
pub fn remarks(settings: &Settings) -> Vec<Remark> {
    let Some(preset) = named_by(settings) else { return Vec::new() };
    let name = settings.preset.as_deref().unwrap_or_default();
    let in_force = toml::Table::try_from(settings).unwrap_or_default();
    let value = |table: &toml::Table, key: &str| table.get(key).and_then(toml::Value::as_integer);
    let above = preset.firm.iter().filter_map(|key| {
        let limit = value(&preset.relay, key)?;
        let says = match value(&in_force, key) {
            Some(own) if own <= limit => return None,
            Some(own) => format!("{key} is {own}, and {name} allows {limit}."),
            None => format!("{key} is not limited, and {name} allows {limit}."),
        };
        Some(Remark { says, matters: true })
    });
    let trap =
        |t: &Trap| Remark { says: t.says.clone(), matters: t.unless_auth.is_some_and(|m| settings.mechanism() != Some(m)) };
    let mut all: Vec<Remark> = above.chain(preset.trap.iter().map(trap)).collect();
    all.sort_by_key(|remark| !remark.matters);
    all
}

impl Preset {
    fn has_regions(&self) -> bool {
        !self.regions.is_empty() || self.host.contains("{region}")
    }

    /// Its host; else what is wrong with the region, as the rest of a sentence.
    fn host(&self, region: Option<&str>) -> Result<String, String> {
        if !self.has_regions() {
            return Ok(self.host.clone());
        }
        let Some(region) = region else {
            return Err(format!("has a host for each region: region = \"{}\"", self.example));
        };
        if let Some(host) = self.regions.get(region) {
            return Ok(host.clone());
        }
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.regions.is_empty() && !region.is_empty() && region.chars().all(word) {
            return Ok(self.host.replace("{region}", region));
        }
        let known: Vec<&str> = self.regions.keys().map(String::as_str).collect();
        let like =
            if known.is_empty() { format!("one looks like {}", self.example) } else { format!("it has {}", known.join(", ")) };
        Err(format!("has no region {region:?}: {like}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        let given: toml::Table = toml::from_str(text).unwrap();
        let word = |key: &str| given.get(key).and_then(toml::Value::as_str);
        let mut all = beneath(word("preset").unwrap_or_default(), word("region"), |key| given.contains_key(key));
        all.extend(given.clone());
        all.try_into().unwrap()
    }

    const ALL: [(&str, &str); 6] = [
        ("amazon-ses", "region = \"eu-central-1\"\nusername = \"u\""),
        ("google-workspace", ""),
        ("mailgun", "region = \"eu\"\nusername = \"u\""),
        ("microsoft-365", "username = \"u\""),
        ("postmark", "username = \"u\""),
        ("sendgrid", ""),
    ];

    #[test]
    fn each_preset_is_valid_and_brings_its_values() {
        assert_eq!(all().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), ALL.map(|(name, _)| name));
        let hosts = [
            "email-smtp.eu-central-1.amazonaws.com",
            "smtp-relay.gmail.com",
            "smtp.eu.mailgun.org",
            "smtp.office365.com",
            "smtp.postmarkapp.com",
            "smtp.sendgrid.net",
        ];
        for ((name, keys), host) in ALL.into_iter().zip(hosts) {
            let found = settings(&format!("preset = {name:?}\n{keys}"));
            assert_eq!(found.validate(), [], "{name}");
            assert_eq!((found.host.as_str(), found.port()), (host, 587), "{name}");
            let preset = &all().unwrap()[name];
            let in_force = toml::Table::try_from(&found).unwrap();
            for (key, value) in &preset.relay {
                assert_eq!(in_force.get(key), Some(value), "{name}: {key}");
            }
            assert!(preset.firm.iter().all(|key| preset.relay.contains_key(key)), "{name}");
            assert!(remarks(&found).iter().all(|r| !r.matters) && !preset.trap.is_empty(), "{name}: {:?}", remarks(&found));
        }
    }

    #[test]
    fn what_the_configuration_says_wins_over_each_preset() {
        for (name, _) in ALL {
            let own = "host = \"relay.test\"\nport = 2525\ntls = \"implicit\"\nauth = \"login\"\nusername = \"me\"\n\
                       max_connections = 1\nmax_per_connection = 2\nmax_per_minute = 3\nmax_per_day = 4\nmax_message_size = 5";
            let found = settings(&format!("preset = {name:?}\n{own}"));
            let without: Settings = toml::from_str(own).unwrap();
            assert_eq!(found.validate(), [], "{name}");
            assert_eq!(found, Settings { preset: Some(name.to_owned()), ..without }, "{name}");
        }
        assert_eq!(settings("preset = \"postmark\"\ntls = \"implicit\"").port(), 465);
    }

    #[test]
    fn a_region_is_asked_for_where_there_is_a_host_for_each() {
        let problems = |text: &str| settings(text).validate().into_iter().map(|(k, s)| format!("{k}: {s}")).collect::<Vec<_>>();
        let ses = "preset = \"amazon-ses\"\nusername = \"u\"\n";
        assert_eq!(problems(ses), ["region: amazon-ses has a host for each region: region = \"us-east-1\""]);
        assert_eq!(
            problems(&format!("{ses}region = \"EU west\"")),
            ["region: amazon-ses has no region \"EU west\": one looks like us-east-1"]
        );
        assert_eq!(problems(&format!("{ses}host = \"vpce-1.email-smtp.us-east-1.vpce.amazonaws.com\"")), Vec::<String>::new());
        let mailgun = "preset = \"mailgun\"\nusername = \"u\"\nregion = \"asia\"";
        assert_eq!(problems(mailgun), ["region: mailgun has no region \"asia\": it has eu, us"]);
        assert_eq!(
            problems("preset = \"sendgrid\"\nregion = \"eu\""),
            ["region: sendgrid has one host for all regions: leave it out"]
        );
        assert_eq!(problems("host = \"x.test\"\nregion = \"eu\""), ["region: it is for a preset: preset = \"amazon-ses\""]);
    }

    #[test]
    fn what_matters_with_these_settings_comes_first() {
        let found = remarks(&settings("preset = \"microsoft-365\"\nusername = \"u\"\nauth = \"login\"\nmax_connections = 10"));
        let matter: Vec<&str> = found.iter().filter(|r| r.matters).map(|r| r.says.as_str()).collect();
        assert_eq!(matter.len(), 2, "{found:?}");
        assert_eq!(matter[0], "max_connections is 10, and microsoft-365 allows 3.");
        assert!(matter[1].contains("5.7.30") && found[0].matters && found[1].matters);
    }

    #[test]
    fn an_unknown_preset_names_the_nearest() {
        let error = toml::from_str::<Settings>("preset = \"amazon-sess\"").unwrap_err().to_string();
        assert!(error.contains("did you mean `amazon-ses`?"), "{error}");
        assert!(toml::from_str::<Settings>("preset = \"x\"").unwrap_err().to_string().contains("there are amazon-ses, google"));
    }
}
