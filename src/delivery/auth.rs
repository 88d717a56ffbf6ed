//! AUTH PLAIN, LOGIN and XOAUTH2 (RFC 4954). No line of this is ever logged.

use super::dialogue::Dialogue;
use super::outcome::{Cause, Outcome};
use super::phase::Phase;
use super::secret::Secret;
use super::settings::Mechanism;

impl Mechanism {
    /// As it stands in EHLO's reply.
    pub(super) fn keyword(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::Xoauth2 => "XOAUTH2",
        }
    }
}

/// The wanted mechanism, or the best of what is offered.
pub(super) fn choose(wanted: Option<Mechanism>, offered: &[String]) -> Result<Mechanism, Outcome> {
    let is_offered = |m: &Mechanism| offered.iter().any(|o| o == m.keyword());
    let candidates = wanted.map_or(vec![Mechanism::Plain, Mechanism::Login], |m| vec![m]);
    candidates.into_iter().find(is_offered).ok_or_else(|| {
        let what = if offered.is_empty() { "nothing".to_owned() } else { offered.join(", ") };
        let wanted = wanted.map_or("PLAIN or LOGIN", Mechanism::keyword);
        let cause = Cause::Found(format!("signing in needs {wanted}, and the relay offers {what}"));
        Outcome::RelayRefuses { phase: Phase::Auth, cause }
    })
}

/// Signs in.
pub(super) async fn sign_in(
    dialogue: &mut Dialogue,
    mechanism: Mechanism,
    username: &str,
    secret: &Secret,
) -> Result<(), Outcome> {
    let phase = Phase::Auth;
    match mechanism {
        Mechanism::Plain => {
            let initial = base64(format!("\0{username}\0{}", secret.reveal()).as_bytes());
            dialogue.say(phase, &format!("AUTH PLAIN {initial}\r\n")).await?;
        }
        Mechanism::Login => {
            for answer in ["AUTH LOGIN".to_owned(), base64(username.as_bytes())] {
                let reply = dialogue.ask(phase, &format!("{answer}\r\n")).await?;
                if reply.code != 334 {
                    return Err(dialogue.outcome(phase, reply));
                }
            }
            dialogue.say(phase, &format!("{}\r\n", base64(secret.reveal().as_bytes()))).await?;
        }
        Mechanism::Xoauth2 => {
            let token = base64(format!("user={username}\x01auth=Bearer {}\x01\x01", secret.reveal()).as_bytes());
            let reply = dialogue.ask(phase, &format!("AUTH XOAUTH2 {token}\r\n")).await?;
            if reply.is_positive() {
                return Ok(());
            }
            if reply.code != 334 {
                return Err(dialogue.outcome(phase, reply));
            }
            // 334 holds the reason in JSON; an empty answer brings the real refusal.
            dialogue.say(phase, "\r\n").await?;
        }
    }
    dialogue.hear_yes(phase).await.map(drop)
}

/// Base64 with padding, in one line.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }

    #[test]
    fn the_best_of_what_is_offered_is_chosen_and_nothing_else_than_what_is_wanted() {
        let offered = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(choose(None, &offered(&["XOAUTH2", "LOGIN", "PLAIN"])), Ok(Mechanism::Plain));
        assert_eq!(choose(None, &offered(&["LOGIN"])), Ok(Mechanism::Login));
        assert_eq!(choose(Some(Mechanism::Xoauth2), &offered(&["XOAUTH2"])), Ok(Mechanism::Xoauth2));
        let error = choose(Some(Mechanism::Xoauth2), &offered(&["PLAIN"])).unwrap_err();
        assert!(error.describe().contains("needs XOAUTH2, and the relay offers PLAIN"), "{}", error.describe());
        assert!(choose(None, &[]).unwrap_err().describe().contains("offers nothing"));
    }
}
