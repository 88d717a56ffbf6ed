//! What `check` asks of the relay: everything but a message.

use super::Relay;
use super::outcome::Outcome;
use super::settings::{Tls, Transport};

impl Relay {
    /// Connects, starts TLS, signs in and says goodbye; reports what was met in sentences.
    ///
    /// # Errors
    /// The outcome that a message would meet now.
    pub async fn probe(&self) -> Result<Vec<String>, Outcome> {
        let settings = self.settings();
        if settings.transport == Transport::File {
            let directory = self.directory()?.display();
            return Ok(vec![format!("Messages are written to {directory}; nothing leaves this machine.")]);
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
        if let Some(limit) = offers.size.filter(|limit| *limit > 0) {
            report.push(format!("It takes messages of up to {limit} octets."));
        }
        session.quit().await;
        Ok(report)
    }
}
