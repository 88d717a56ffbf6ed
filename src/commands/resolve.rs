//! `dunningd resolve`: a person settles what is in doubt (D2).

use anyhow::anyhow;
use clap::Args;

use super::{Exit, Format, Globals, Result, open, output};
use crate::config;
use crate::contacts::entry::{self, Filter};
use crate::contacts::resolve::{self, Resolved, Verdict};

/// Settles a contact that is in doubt.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("verdict").required(true).args(["sent", "resend", "cancel"]))]
pub struct Resolve {
    /// The contact's id, as `status --format json` and `log --format json` show it
    contact: String,
    /// The relay has taken it, as its log shows
    #[arg(long)]
    sent: bool,
    /// The same bytes leave again, with the same Message-ID; the ledger is asked first
    #[arg(long)]
    resend: bool,
    /// It is not sent again
    #[arg(long)]
    cancel: bool,
    /// How it is known, for the log
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

impl Resolve {
    fn verdict(&self) -> (Verdict, &'static str) {
        match (self.sent, self.resend) {
            (true, _) => (Verdict::Sent, "is sent, since the relay has taken it"),
            (_, true) => {
                (Verdict::Resend, "leaves again as it was with the next delivery, unless the ledger says that it is paid")
            }
            _ => (Verdict::Cancel, "is cancelled; its steps count as done"),
        }
    }
}

pub async fn run(globals: &Globals, args: &Resolve) -> Result {
    let config = open::config(globals)?;
    let db = open::database(&config).await?;
    let (id, (verdict, said)) = (&args.contact, args.verdict());
    let mut tx = db.begin().await?;
    let note = args.note.as_deref();
    match resolve::resolve(&mut tx, id, verdict, &config::author(), note, globals.clock().now()).await? {
        Resolved::Yes => tx.commit().await?,
        Resolved::NoSuchContact => {
            return Err(
                anyhow!("there is no contact {id}; `dunningd log --state in-doubt --format json` shows those in doubt").into()
            );
        }
        Resolved::NotInDoubt(state) => {
            return Err(anyhow!("the contact {id} is not in doubt but {state}: there is nothing to settle").into());
        }
        Resolved::NotKept => {
            let help = "settle it with --sent or --cancel, and write to the customer by hand if need be";
            return Err(anyhow!("the bytes of contact {id} are not kept any more, so it cannot leave as it was; {help}").into());
        }
    }
    match globals.format {
        Format::Json => {
            let filter = Filter { contacts: Some(vec![id.clone()]), ..Filter::default() };
            entry::list(&mut db.snapshot().await?, &filter).await?.iter().for_each(output::json);
        }
        Format::Text => output::line(format!("contact {id} {said}")),
    }
    Ok(Exit::Done)
}
