//! What e-mails that wait for approval would say, as their readers see it before they decide (T34).

use std::collections::HashMap;

use super::belief;
use super::knowledge::Knowledge;
use super::office::Office;
use super::prepare::{accounts, draft};
use crate::contacts::{Entry, control, past};
use crate::database::DatabaseError;
use crate::digest::gather::Draft;

/// Renders each of them as it would leave now, by its id. One that cannot be rendered, or all if the ledger cannot be read, is
/// shown without its words: the delivery says why.
///
/// # Errors
/// The own database's.
pub async fn drafts(office: &Office, waiting: &[Entry]) -> Result<HashMap<String, Draft>, DatabaseError> {
    if waiting.is_empty() {
        return Ok(HashMap::new());
    }
    let Ok(read) = belief::read(office).await? else { return Ok(HashMap::new()) };
    let mut tx = office.db.snapshot().await?;
    let mut customers: Vec<String> = waiting.iter().flat_map(|e| e.invoices.iter().map(|i| i.customer.clone())).collect();
    customers.sort();
    customers.dedup();
    let excerpt = read.of(&mut tx, &customers, &office.timetable.ranks).await?;
    let invoices: Vec<&str> = waiting.iter().flat_map(|e| e.invoices.iter().map(|i| i.id.as_str())).collect();
    let earlier = past::past_of(&mut tx, &invoices).await?;
    let known = Knowledge { controls: control::in_force(&mut tx).await?, ..Knowledge::default() };
    let day = known.day(&office.timetable, &excerpt.snapshot, excerpt.day);
    let one = |entry: &Entry| {
        let accounts = accounts(&day, entry, &excerpt);
        let left: Vec<_> = entry.invoices.iter().filter_map(|i| Some((i, excerpt.snapshot.invoices.get(&i.id)?))).collect();
        let (lead, _) = left.first()?;
        let account = accounts.get(lead.customer.as_str())?;
        let earlier = earlier.get(&lead.id).map_or(&[][..], Vec::as_slice);
        let rendered = draft(office, entry, account, &left, &excerpt, earlier, None).ok()?;
        Some((entry.contact.clone()?, Draft { subject: rendered.subject, text: rendered.text }))
    };
    Ok(waiting.iter().filter_map(one).collect())
}
