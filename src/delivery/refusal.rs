//! One row of the table of refusals (D4): which replies it is about, and what they mean. The shipped rows are in
//! `refusals.toml`; `[[relay.refusal]]` of the configuration has the same form.

use serde::{Deserialize, Serialize};

use super::phase::Phase;
use super::reply::Reply;
use super::scope::{Action, Scope};

/// A row; it matches a reply when each condition that it names does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "Raw")]
pub struct Row {
    /// For whoever reads the table.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Where in the dialogue; anywhere when empty.
    pub phases: Vec<Phase>,
    /// `550`, or `5xx` for the whole class.
    pub codes: Vec<String>,
    /// `5.1.1`, `5.7.20-29` or `4.7.*`; without an enhanced code in the reply none matches.
    pub enhanced: Vec<String>,
    /// Any of these at the start of a word, whatever its case.
    pub text: Vec<String>,
    pub scope: Scope,
    pub action: Action,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Raw {
    /// For whoever reads the table.
    #[serde(default)]
    why: String,
    /// Where in the dialogue; anywhere when empty.
    #[serde(default)]
    phases: Vec<Phase>,
    /// `550`, or `5xx` for the whole class.
    codes: Vec<String>,
    /// `5.1.1`, `5.7.20-29` or `4.7.*`; without an enhanced code in the reply none matches.
    #[serde(default)]
    enhanced: Vec<String>,
    /// Any of these at the start of a word, whatever its case.
    #[serde(default)]
    text: Vec<String>,
    /// What the reply is about.
    scope: Scope,
    /// What follows from it.
    action: Action,
}

impl TryFrom<Raw> for Row {
    type Error = String;

    /// # Errors
    /// A sentence: the row could never match, or would do harm.
    fn try_from(raw: Raw) -> Result<Self, String> {
        let Raw { why, phases, codes, enhanced, text, scope, action } = raw;
        let text = text.into_iter().map(|words| words.to_lowercase()).collect();
        let row = Self { why, phases, codes, enhanced, text, scope, action };
        row.problem().map_or(Ok(row), Err)
    }
}

impl Row {
    pub(super) fn matches(&self, phase: Phase, reply: &Reply) -> bool {
        (self.phases.is_empty() || self.phases.contains(&phase))
            && self.codes.iter().any(|code| code_matches(code, reply.code))
            && (self.enhanced.is_empty() || self.enhanced.iter().any(|p| enhanced_matches(p, reply.enhanced)))
            && (self.text.is_empty() || has_word(&reply.text.to_lowercase(), &self.text))
    }

    fn problem(&self) -> Option<String> {
        if self.codes.is_empty() {
            return Some("a row needs codes: codes = [\"550\"], or [\"5xx\"] for all that begin with a 5".to_owned());
        }
        if let Some(code) = self.codes.iter().find(|code| !is_code(code)) {
            return Some(format!("{code:?} is no code of a refusal: write \"550\", \"55x\" or \"5xx\""));
        }
        if let Some(code) = self.enhanced.iter().find(|code| !is_enhanced(code)) {
            return Some(format!("{code:?} is no enhanced code: write \"5.1.1\", \"5.7.20-29\" or \"4.7.*\""));
        }
        if self.text.iter().any(|words| words.trim().is_empty()) {
            return Some("an empty text stands in every reply: leave `text` out".to_owned());
        }
        let temporary = self.codes.iter().any(|code| code.starts_with('4'));
        let is_final = matches!(self.action, Action::Fail | Action::Suppress);
        match (self.scope, self.action) {
            _ if temporary && is_final => {
                Some("a 4xx says `later`: it fails and suppresses nobody; its action is retry, slow-down or pause".to_owned())
            }
            (Scope::Relay, Action::Fail | Action::Suppress) => {
                Some("what is about the relay fails nobody: its action is pause, slow-down or retry".to_owned())
            }
            (Scope::Message, Action::Suppress) => {
                Some("what is about the message suppresses no address: its scope is recipient, or its action fail".to_owned())
            }
            (Scope::Recipient | Scope::Message, Action::Pause) => {
                Some("a pause holds up everybody: its scope is relay".to_owned())
            }
            _ if !temporary && self.phases.iter().any(|p| p.is_before_message()) => {
                Some("before MAIL FROM every 5xx is about the relay, whatever a row says: leave these phases out".to_owned())
            }
            _ => None,
        }
    }
}

fn is_code(code: &str) -> bool {
    let mut bytes = code.bytes();
    code.len() == 3 && bytes.next().is_some_and(|b| b == b'4' || b == b'5') && bytes.all(|b| b == b'x' || b.is_ascii_digit())
}

fn is_enhanced(pattern: &str) -> bool {
    let number = |text: &str| text.parse::<u16>().is_ok();
    let mut parts = pattern.split('.');
    let (class, subject, detail) = (parts.next(), parts.next(), parts.next());
    let last = |d: &str| d == "*" || number(d) || d.split_once('-').is_some_and(|(from, to)| number(from) && number(to));
    matches!(class, Some("4" | "5")) && subject.is_some_and(number) && detail.is_some_and(last) && parts.next().is_none()
}

fn code_matches(pattern: &str, code: u16) -> bool {
    let code = code.to_string();
    pattern.len() == code.len() && pattern.bytes().zip(code.bytes()).all(|(p, c)| p == b'x' || p == c)
}

/// `5.1.1`, `5.7.20-29`, `4.7.*`.
fn enhanced_matches(pattern: &str, enhanced: Option<[u16; 3]>) -> bool {
    let Some([class, subject, detail]) = enhanced else { return false };
    let Some(last) = pattern.strip_prefix(&format!("{class}.{subject}.")) else { return false };
    match last.split_once('-') {
        Some((from, to)) => from.parse().is_ok_and(|f: u16| f <= detail) && to.parse().is_ok_and(|t: u16| detail <= t),
        None => last == "*" || last.parse() == Ok(detail),
    }
}

/// Whether one of the patterns stands in the text at the start of a word ("rate" is not in "corporate").
fn has_word(text: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| {
        let mut places = text.match_indices(pattern.as_str());
        places.any(|(at, _)| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Result<Row, String> {
        toml::from_str::<Row>(text).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn a_word_is_found_at_its_start_only() {
        let words = ["rate limit".to_owned(), "quota".to_owned()];
        assert!(has_word("your rate limits are reached", &words));
        assert!(!has_word("no corporate limit", &words));
        assert!(has_word("(quota)", &words));
    }

    #[test]
    fn a_row_that_could_never_match_or_would_do_harm_is_refused_with_a_reason() {
        for (text, says) in [
            ("codes = []\nscope = \"relay\"\naction = \"pause\"", "needs codes"),
            ("codes = [\"250\"]\nscope = \"relay\"\naction = \"pause\"", "no code of a refusal"),
            ("codes = [\"5*\"]\nscope = \"relay\"\naction = \"pause\"", "no code of a refusal"),
            ("codes = [\"550\"]\nenhanced = [\"5.7\"]\nscope = \"relay\"\naction = \"pause\"", "no enhanced code"),
            ("codes = [\"550\"]\ntext = [\"\"]\nscope = \"relay\"\naction = \"pause\"", "leave `text` out"),
            ("codes = [\"450\"]\nscope = \"recipient\"\naction = \"suppress\"", "a 4xx says"),
            ("codes = [\"550\"]\nscope = \"relay\"\naction = \"fail\"", "fails nobody"),
            ("codes = [\"550\"]\nscope = \"message\"\naction = \"suppress\"", "no address"),
            ("codes = [\"550\"]\nscope = \"message\"\naction = \"pause\"", "its scope is relay"),
            ("codes = [\"550\"]\nphases = [\"auth\"]\nscope = \"relay\"\naction = \"pause\"", "before MAIL FROM"),
            ("codes = [\"550\"]\nscope = \"recipent\"\naction = \"fail\"", "unknown variant `recipent`"),
            ("codes = [\"550\"]\nphases = [\"rctp\"]\nscope = \"relay\"\naction = \"pause\"", "unknown variant `rctp`"),
            ("code = [\"550\"]\nscope = \"relay\"\naction = \"pause\"", "unknown field `code`"),
        ] {
            let error = row(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert!(row("codes = [\"550\"]\ntext = [\"Try Later\"]\nscope = \"relay\"\naction = \"retry\"").is_ok());
    }

    #[test]
    fn the_words_are_found_whatever_their_case() {
        let row = row("codes = [\"55x\"]\ntext = [\"Try Later\"]\nscope = \"message\"\naction = \"retry\"").unwrap();
        assert!(row.matches(Phase::Dot, &Reply::new(554, "please TRY later".to_owned())));
        assert!(!row.matches(Phase::Dot, &Reply::new(540, "try later".to_owned())));
    }
}
