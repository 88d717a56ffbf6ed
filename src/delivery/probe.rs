//! What `check` asks of the relay: everything but a message.

use super::Relay;
use super::outcome::Outcome;
use super::settings::{Tls, Transport};

/// What was met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// For people.
    pub sentences: Vec<String>,
    /// The largest message in octets that the relay takes, if it says one.
    pub largest: Option<u64>,
}

impl Relay {
    /// Connects, starts TLS, signs in and says goodbye; reports what was met.
    ///
    /// # Errors
    /// The outcome that a message would meet now.
    pub async fn probe(&self) -> Result<Report, Outcome> {
        let settings = self.settings();
        if settings.transport == Transport::File {
            let directory = self.directory()?.display();
            let sentence = format!("Messages are written to {directory}; nothing leaves this machine.");
            return Ok(Report { sentences: vec![sentence], largest: None });
        }
        let session = self.route.open().await?;
        let (welcome, offers) = (&session.welcome, &session.offers);
        let mut report = vec![
            format!("{} answers at {}: {}", settings.host, welcome.address, welcome.greeting),
            match (settings.tls, welcome.tls) {
                (Tls::None, _) | (_, None) => "The connection is not encrypted.".to_owned(),
                (_, Some(version)) => format!("{version}; the certificate is good for {}.", settings.host),
            },
        ];
        report.push(match (&settings.username, welcome.mechanism) {
            (Some(name), Some(mechanism)) => format!("Signed in as {name} by {}.", mechanism.keyword()),
            _ => "No sign-in: username is not set.".to_owned(),
        });
        report.push(match offers.auth.as_slice() {
            [] => "It offers no way to sign in.".to_owned(),
            ways => format!("It offers to sign in by {}.", ways.join(", ")),
        });
        let extensions = [
            ("PIPELINING", offers.pipelining),
            ("8BITMIME", offers.eightbitmime),
            ("SMTPUTF8", offers.smtputf8),
            ("DSN", offers.dsn),
        ];
        let has = |wanted: bool| {
            let names: Vec<_> = extensions.iter().filter(|(_, offered)| *offered == wanted).map(|(name, _)| *name).collect();
            if names.is_empty() { "none of them".to_owned() } else { names.join(", ") }
        };
        report.push(format!("Of the useful extensions it offers {}; it lacks {}.", has(true), has(false)));
        if !offers.smtputf8 {
            report.push("Addresses with letters outside of ASCII before the @ cannot be written to.".to_owned());
        }
        let largest = offers.size.filter(|limit| *limit > 0);
        report.extend(largest.map(|limit| format!("It takes messages of up to {limit} octets.")));
        report.push(format!("We say EHLO {}.", self.ehlo_name()));
        session.quit().await;
        Ok(Report { sentences: report, largest })
    }

    /// The name that is given in EHLO: `helo_name`, else the sender's domain.
    #[must_use]
    pub fn ehlo_name(&self) -> &str {
        &self.route.helo_name
    }
}
