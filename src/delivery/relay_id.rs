//! The Message-ID that a message has behind a relay which puts its own in (D11): reminders thread by what the customer's
//! mail program has seen.

use super::reply::Reply;

/// The Message-ID that the relay of this preset gives a message, derived from its reply to the final dot. `None`: the
/// relay leaves the message's own, or the reply does not tell.
///
/// Amazon SES replies `250 Ok ID`, and the message then has `<ID@REGION.amazonses.com>`; in us-east-1, the first of its
/// regions, `<ID@email.amazonses.com>`.
#[must_use]
pub fn message_id_at_relay(preset: &str, region: Option<&str>, reply: &Reply) -> Option<String> {
    if preset != "amazon-ses" || !reply.is_positive() {
        return None;
    }
    let host = match region? {
        "us-east-1" => "email",
        region => region,
    };
    let id = reply.lines().next()?.trim().strip_prefix("Ok ")?.trim();
    let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (word(id) && id.len() <= 200 && word(host)).then(|| format!("<{id}@{host}.amazonses.com>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0107018c1f5b2a3e-7d1c0f5e-3a52-4e55-9f6e-0c1f2e3d4b5a-000000";

    fn at(preset: &str, region: Option<&str>, code: u16, text: &str) -> Option<String> {
        message_id_at_relay(preset, region, &Reply::new(code, text.to_owned()))
    }

    #[test]
    fn amazon_ses_tells_the_message_id_in_its_reply() {
        let reply = format!("Ok {ID}");
        assert_eq!(at("amazon-ses", Some("eu-central-1"), 250, &reply), Some(format!("<{ID}@eu-central-1.amazonses.com>")));
        assert_eq!(at("amazon-ses", Some("us-east-1"), 250, &reply), Some(format!("<{ID}@email.amazonses.com>")));
    }

    #[test]
    fn a_reply_that_does_not_tell_gives_none_and_nobody_injects_a_header() {
        for reply in ["Ok", "Ok ", "2.0.0 Ok: queued as 4711", "Ok a b", "Ok a>\r\nBcc: <v@y.test", "Ok a@b", "ok 1"] {
            assert_eq!(at("amazon-ses", Some("eu-west-1"), 250, reply), None, "{reply}");
        }
        assert_eq!(at("amazon-ses", Some("eu-west-1"), 454, "Ok 1"), None);
        assert_eq!(at("amazon-ses", None, 250, "Ok 1"), None);
        assert_eq!(at("amazon-ses", Some("eu>west"), 250, "Ok 1"), None);
    }

    #[test]
    fn other_relays_leave_the_message_its_own() {
        for preset in ["mailgun", "microsoft-365", "google-workspace", "sendgrid", "postmark", ""] {
            assert_eq!(at(preset, Some("us-east-1"), 250, &format!("Ok {ID}")), None);
        }
    }
}
