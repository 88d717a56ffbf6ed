//! The `[relay.timeouts]` table of `dunningd.toml`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::duration;

/// The timers of `[relay.timeouts]` (RFC 5321 §4.5.3.2). Each is for a whole reply: one that drips in is cut off too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// To find the relay's address and connect, over all its addresses.
    #[serde(with = "duration")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub connect: Duration,
    /// The relay's first line.
    #[serde(with = "duration")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub greeting: Duration,
    /// EHLO, STARTTLS, the handshake and AUTH, each.
    #[serde(with = "duration")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub ehlo: Duration,
    /// MAIL FROM.
    #[serde(with = "duration")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub mail: Duration,
    /// For each recipient.
    #[serde(with = "duration")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub rcpt: Duration,
    /// DATA.
    #[serde(with = "duration")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub data: Duration,
    /// For each block of the message.
    #[serde(with = "duration")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub block: Duration,
    /// The reply after the final dot. Not below 10 minutes: giving up sooner leaves more messages in doubt.
    #[serde(with = "duration")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub dot: Duration,
    /// Everything up to the final dot.
    #[serde(rename = "try", with = "duration")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub attempt: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |m: u64| Duration::from_secs(60 * m);
        Self {
            connect: Duration::from_secs(30),
            greeting: minutes(5),
            ehlo: minutes(5),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            block: minutes(3),
            dot: minutes(10),
            attempt: minutes(20),
        }
    }
}

impl Timeouts {
    pub(super) fn any_is_zero(&self) -> bool {
        let Self { connect, greeting, ehlo, mail, rcpt, data, block, dot, attempt } = *self;
        [connect, greeting, ehlo, mail, rcpt, data, block, dot, attempt].iter().any(Duration::is_zero)
    }
}
