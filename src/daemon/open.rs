//! The window of one contact that is about to leave (T5), where some customers have windows of their own.

use chrono::{DateTime, Utc};

use super::excerpt::Excerpt;
use super::office::Office;
use crate::contacts::Entry;
use crate::plan::Kind;

/// When the window closes in which it may leave now; `None`: it is closed. What leaves out of doubt is never planned afresh
/// (D2), and asks for no window of the customer; the window of all is looked at by whoever delivers.
pub(super) fn closes(office: &Office, contact: &Entry, read: &Excerpt, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let timetable = &office.timetable;
    if contact.resend || timetable.customer_windows.is_empty() {
        return Some(DateTime::<Utc>::MAX_UTC);
    }
    match (contact.kind, read.snapshot.customers.get(&contact.customer)) {
        (Kind::Email, Some(customer)) => timetable.open_for(customer, &contact.segment, read.day, now),
        _ => timetable.open_for_colleagues(now),
    }
}
