//! What the relay's reply to EHLO offers.

use super::reply::Reply;

/// The extensions that dunningd uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub(super) starttls: bool,
    pub(super) pipelining: bool,
    pub(super) eightbitmime: bool,
    pub(super) smtputf8: bool,
    /// Reports of failure and delay can be asked for (RFC 3461).
    pub(super) dsn: bool,
    /// SIZE was offered: `Some(0)` without a limit, else the limit in octets.
    pub(super) size: Option<u64>,
    /// In upper case.
    pub(super) auth: Vec<String>,
}

impl Offers {
    pub(super) fn read(ehlo: &Reply) -> Self {
        let mut offers = Self::default();
        for line in ehlo.lines().skip(1) {
            // "AUTH=LOGIN PLAIN" is how servers of the nineties wrote it.
            let line = line.trim().to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
            let mut words = line.split_whitespace();
            match words.next() {
                Some("STARTTLS") => offers.starttls = true,
                Some("PIPELINING") => offers.pipelining = true,
                Some("8BITMIME") => offers.eightbitmime = true,
                Some("SMTPUTF8") => offers.smtputf8 = true,
                Some("DSN") => offers.dsn = true,
                Some("SIZE") => offers.size = Some(words.next().and_then(|n| n.parse().ok()).unwrap_or(0)),
                Some("AUTH") => offers.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_read_in_any_case_and_the_greeting_line_offers_nothing() {
        let text = "STARTTLS\npipelining\nSIZE 1000\nAUTH PLAIN\nAUTH=LOGIN\n8BITMIME\nDSN\nX-OWN";
        let offers = Offers::read(&Reply::new(250, text.to_owned()));
        assert!(!offers.starttls && offers.pipelining && offers.eightbitmime && !offers.smtputf8 && offers.dsn);
        assert_eq!(offers.size, Some(1000));
        assert_eq!(offers.auth, ["PLAIN", "LOGIN"]);
        assert_eq!(Offers::read(&Reply::new(250, "x\nSIZE".to_owned())).size, Some(0));
        assert_eq!(Offers::read(&Reply::new(250, "x".to_owned())), Offers::default());
    }
}
