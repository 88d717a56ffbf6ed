//! `dunningd evidence`: everything ever sent about an invoice, as a ZIP (D14).

mod bundle;
mod readme;

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::Args;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use self::bundle::{Bundle, hex};
use self::readme::{Kept, Shown};
use super::{Exit, Format, Globals, Result, open, output};
use crate::contacts::{evidence, pack};
use crate::database::Tx;

/// Everything about an invoice.
#[derive(Debug, Args)]
pub struct Evidence {
    /// The invoice's id
    invoice: String,
    /// The file to write; it is never overwritten
    #[arg(long, value_name = "FILE.zip")]
    out: PathBuf,
}

/// Links of the chain that are read at once.
const LINKS: u32 = 5_000;

pub async fn run(globals: &Globals, args: &Evidence) -> Result {
    let config = open::config(globals)?;
    let db = open::database_to_look(&config).await?;
    let (invoice, out) = (&args.invoice, &args.out);
    let shown = out.display();
    if out.exists() {
        return Err(anyhow!("{shown} is there already and is not overwritten: name another file").into());
    }
    let mut tx = db.snapshot().await?;
    let contacts = evidence::contacts(&mut tx, invoice).await?;
    if contacts.is_empty() {
        return Err(anyhow!("the log has no contact about invoice {invoice}").into());
    }
    let mut bundle = Bundle::begin(out).with_context(|| format!("{shown} cannot be written"))?;
    let mut all = Vec::new();
    for exhibit in contacts {
        let id = exhibit.entry.contact.clone().unwrap_or_default();
        let kept = match pack::message(&mut tx, &id).await? {
            Some(bytes) => {
                let name = format!("messages/{id}.eml");
                bundle.file(&name, &bytes)?;
                let sound = Some(hex(&Sha256::digest(&bytes))) == exhibit.message_sha256;
                if sound { Kept::Sound(name) } else { Kept::Changed(name) }
            }
            None => Kept::Not,
        };
        all.push(Shown { exhibit, kept });
    }
    let ids: Vec<&str> = all.iter().filter_map(|s| s.exhibit.entry.contact.as_deref()).collect();
    let events = evidence::events(&mut tx, &ids).await?;
    let head = write_chain(&mut tx, &mut bundle, events.first().map_or(1, |e| e.number)).await?;
    bundle.json("contacts.json", &all)?;
    bundle.json("events.json", &events)?;
    let readme = readme::write(invoice, &all, &events, &head);
    bundle.file("README.txt", readme.as_bytes())?;
    bundle.end().with_context(|| format!("{shown} cannot be written"))?;
    let changed = all.iter().filter(|s| matches!(s.kept, Kept::Changed(_))).count();
    let messages = all.iter().filter(|s| !matches!(s.kept, Kept::Not)).count();
    match globals.format {
        Format::Json => output::json(&json!({ "file": out, "invoice": invoice, "contacts": all.len(), "messages": messages,
            "events": events.len(), "head": { "event": head.0, "hash": head.1 }, "changed_messages": changed })),
        Format::Text => output::line(format!(
            "{shown}: {} contacts about invoice {invoice}, {messages} messages, {} events; README.txt in it says what they prove",
            all.len(),
            events.len()
        )),
    }
    if changed > 0 {
        output::remark(&format!("{changed} messages are not those that were handed over; see `dunningd log --verify`"));
        return Ok(Exit::Attention);
    }
    Ok(Exit::Done)
}

/// The chain from the event before the first one to the newest; returns the newest one's number and hash.
async fn write_chain(tx: &mut Tx, bundle: &mut Bundle, first: i64) -> Result<(i64, String)> {
    let mut from = (first - 1).max(1);
    let mut head = (0, String::new());
    bundle.start("chain.jsonl")?;
    loop {
        let links = evidence::chain(tx, from, LINKS).await?;
        for link in &links {
            let line = serde_json::to_string(link).map_err(anyhow::Error::from)? + "\n";
            bundle.put(line.as_bytes())?;
            head = (link.number, link.hash.clone());
        }
        if links.len() < LINKS as usize {
            break;
        }
        from = head.0 + 1;
    }
    bundle.finish();
    Ok(head)
}
