//! XOAUTH2 tokens from a program (D13): run without a shell, kept until shortly before they expire, and never shown.

use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::secret::Secret;

/// How long the program may take.
const LIMIT: Duration = Duration::from_secs(30);
/// How long a token is used that does not say when it expires.
const UNSAID: Duration = Duration::from_secs(5 * 60);
/// It is not used in its last minute.
const MARGIN: Duration = Duration::from_secs(60);
/// No token is longer.
const LONGEST: usize = 64 * 1024;

/// The last token, while it is good.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<Option<(Secret, Instant)>>);

impl Tokens {
    /// The token that is kept, or a new one from the program.
    ///
    /// # Errors
    /// A sentence that says what became of the program; nothing that it printed on its standard output is in it.
    pub(super) async fn token(&self, command: &[String]) -> Result<Secret, String> {
        // Held while the program runs: several connections ask for one token once.
        let mut kept = self.0.lock().await;
        if let Some((token, until)) = &*kept
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let (token, lasts) = run(command, LIMIT).await?;
        *kept = Some((token.clone(), Instant::now() + lasts));
        Ok(token)
    }

    /// The relay refused it: the next sign-in asks the program.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

/// Runs the program, and says how long its token may be used.
async fn run(command: &[String], limit: Duration) -> Result<(Secret, Duration), String> {
    let Some((program, arguments)) = command.split_first() else { return Err("token_command is empty".to_owned()) };
    let say = |what: String| format!("token_command {program} {what}");
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|e| say(format!("cannot be run: {e}")))?;
    let output = timeout(limit, child.wait_with_output())
        .await
        .map_err(|_| say(format!("did not end within {}", crate::duration::format(limit))))?
        .map_err(|e| say(format!("cannot be read: {e}")))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let complaint: String =
            complaint.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("nothing").chars().take(200).collect();
        return Err(say(format!("failed ({}) and said: {}", output.status, complaint.replace(char::is_control, "\u{FFFD}"))));
    }
    read(&output.stdout).map_err(|what| say(what.to_owned()))
}

/// What the program printed: a token alone, or the answer of an OAuth server.
fn read(printed: &[u8]) -> Result<(Secret, Duration), &'static str> {
    #[derive(Deserialize)]
    struct Answer {
        access_token: String,
        #[serde(default)]
        expires_in: Option<Seconds>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    let printed = std::str::from_utf8(printed).ok().filter(|text| text.len() <= LONGEST).ok_or("printed no token")?.trim();
    let (token, expires_in) = if printed.starts_with('{') {
        let answer: Answer = serde_json::from_str(printed).map_err(|_| "printed JSON without an access_token")?;
        let seconds = answer.expires_in.and_then(|seconds| match seconds {
            Seconds::Number(n) => Some(n),
            Seconds::Text(text) => text.trim().parse().ok(),
        });
        (answer.access_token.trim().to_owned(), seconds)
    } else {
        (printed.to_owned(), None)
    };
    if token.is_empty() {
        return Err("printed no token");
    }
    if !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("printed what is no token: blanks or letters outside of ASCII are in it");
    }
    let lasts = expires_in.map_or(UNSAID, |seconds| Duration::from_secs(seconds).saturating_sub(MARGIN));
    // Nobody's token lasts for years; an instant that far away cannot be counted.
    Ok((Secret::new(token), lasts.min(Duration::from_secs(24 * 3600))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Vec<String> {
        ["/bin/sh", "-c", script].map(str::to_owned).to_vec()
    }

    fn token(printed: &str) -> Result<(String, u64), &'static str> {
        read(printed.as_bytes()).map(|(secret, lasts)| (secret.reveal().to_owned(), lasts.as_secs()))
    }

    #[test]
    fn a_token_comes_alone_or_as_the_answer_of_an_oauth_server() {
        assert_eq!(token("ya29.a0\n"), Ok(("ya29.a0".to_owned(), 300)));
        assert_eq!(token(r#"{"access_token": "ey.J0", "expires_in": 3599}"#), Ok(("ey.J0".to_owned(), 3539)));
        assert_eq!(
            token(r#"{"access_token": "ey.J0", "expires_in": "3600", "token_type": "Bearer"}"#),
            Ok(("ey.J0".to_owned(), 3540))
        );
        assert_eq!(token(r#"{"access_token": "ey.J0"}"#), Ok(("ey.J0".to_owned(), 300)));
        assert_eq!(token(r#"{"access_token": "ey.J0", "expires_in": 20}"#), Ok(("ey.J0".to_owned(), 0)));
    }

    #[test]
    fn what_is_no_token_is_an_error_that_does_not_show_it() {
        for printed in [
            "",
            " \n",
            "hunter2 hunter3",
            "hunter2\r\nMAIL FROM:<v@y.test>",
            r#"{"error": "hunter2"}"#,
            r#"{"access_token": ""}"#,
        ] {
            assert!(!token(printed).unwrap_err().contains("hunter"), "{printed}");
        }
    }

    #[tokio::test]
    async fn a_program_that_fails_is_named_with_its_first_complaint_and_not_with_what_it_printed() {
        let error = run(&sh("echo hunter2; echo; echo 'the refresh token has expired' >&2; echo more >&2; exit 3"), LIMIT)
            .await
            .unwrap_err();
        assert_eq!(error, "token_command /bin/sh failed (exit status: 3) and said: the refresh token has expired");
        let error = run(&["/nowhere/oauth-token".to_owned()], LIMIT).await.unwrap_err();
        assert!(error.starts_with("token_command /nowhere/oauth-token cannot be run:"), "{error}");
        assert_eq!(
            run(&sh("exit 1"), LIMIT).await.unwrap_err(),
            "token_command /bin/sh failed (exit status: 1) and said: nothing"
        );
    }

    #[tokio::test]
    async fn a_program_that_does_not_end_is_given_up() {
        let error = run(&sh("sleep 600"), Duration::from_millis(50)).await.unwrap_err();
        assert!(error.contains("did not end within"), "{error}");
    }

    #[tokio::test]
    async fn a_token_is_asked_for_once_until_it_expires_or_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let count = dir.path().join("count");
        let script = format!("echo x >> {0}; echo token-$(wc -l < {0})", count.display());
        let tokens = Tokens::default();
        let next = async |command: &str| tokens.token(&sh(command)).await.unwrap().reveal().to_owned();
        assert_eq!((next(&script).await, next(&script).await), ("token-1".to_owned(), "token-1".to_owned()));
        tokens.forget().await;
        assert_eq!(next(&script).await, "token-2");
        tokens.forget().await;
        let short =
            format!("echo x >> {0}; echo '{{\"access_token\":\"t'$(wc -l < {0})'\",\"expires_in\":60}}'", count.display());
        assert_eq!((next(&short).await, next(&short).await), ("t3".to_owned(), "t4".to_owned()));
    }
}
