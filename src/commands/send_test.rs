//! `dunningd send-test`: one test e-mail through the configured relay.

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::address::EmailAddress;
use crate::delivery::Outcome;
use crate::message::{self, Headers, Mailbox, Renderer, samples};

/// One test e-mail.
#[derive(Debug, Args)]
pub struct SendTest {
    /// Where to
    #[arg(value_parser = EmailAddress::parse)]
    address: EmailAddress,
}

pub async fn run(globals: &Globals, args: &SendTest) -> Result {
    let config = open::config(globals)?;
    open::company(&config)?;
    let (relay, signer) = (open::relay(globals, &config)?, open::signer(&config)?);
    let language = &config.templates.default_language;
    let renderer = Renderer::load(&config.templates.directory, language)?;
    let rendered =
        renderer.render("test", language, &samples::one(&config.company)).map_err(|e| anyhow!("the template `test`: {e}"))?;
    let now = globals.clock().now();
    let id = ulid::Ulid::from_datetime(now.into()).to_string();
    let headers = Headers {
        message_id: message::message_id(&id, "test", config.company.from.address.domain()),
        date: now.fixed_offset(),
        sender: config.company.sender_of(&id),
        list_unsubscribe: config.company.list_unsubscribe.as_ref().map(|l| l.of(&id)),
        contact: id,
        from: config.company.from.clone(),
        reply_to: config.company.reply_to.clone(),
        to: vec![Mailbox::from(args.address.clone())],
        cc: Vec::new(),
        in_reply_to: None,
        references: Vec::new(),
        attachments: Vec::new(),
    };
    let message = message::build(&rendered, &headers).map_err(anyhow::Error::from)?;
    let message = match &signer {
        Some(signer) => signer.sign(message).map_err(anyhow::Error::msg)?,
        None => message,
    };
    let outcome = match relay.connect().await {
        Ok(connection) => {
            let (outcome, connection) = connection.send(&message).await;
            if let Some(connection) = connection {
                connection.quit().await;
            }
            outcome
        }
        Err(outcome) => outcome,
    };
    let accepted = matches!(&outcome, Outcome::Accepted { .. });
    match globals.format {
        Format::Json => {
            let reply = outcome.reply().map(ToString::to_string);
            output::json(
                &json!({ "accepted": accepted, "message_id": message.message_id, "relay_reply": reply, "said": outcome.describe() }),
            );
        }
        Format::Text => output::line(outcome.describe()),
    }
    Ok(if accepted { Exit::Done } else { Exit::Attention })
}
