//! Rows of a timetable, as its file has them.

/// An e-mail step; `days` is a number or a table.
pub fn email(id: &str, days: impl std::fmt::Display) -> String {
    format!("[[step]]\nid = \"{id}\"\nemail = \"{id}\"\ndays = {days}\n")
}

/// A task step.
pub fn task(id: &str, word: &str, days: impl std::fmt::Display) -> String {
    format!("[[step]]\nid = \"{id}\"\ntask = \"{word}\"\ndays = {days}\n")
}

/// The lines by which a step follows another one (T33).
pub fn after(id: &str, silent_days: u32) -> String {
    format!("after = \"{id}\"\nsilent_days = {silent_days}\n")
}

/// A task step that follows an e-mail.
pub fn task_after(id: &str, word: &str, earlier: &str, silent_days: u32) -> String {
    format!("[[step]]\nid = \"{id}\"\ntask = \"{word}\"\n{}", after(earlier, silent_days))
}

/// An e-mail step that follows another one.
pub fn email_after(id: &str, earlier: &str, silent_days: u32) -> String {
    format!("[[step]]\nid = \"{id}\"\nemail = \"{id}\"\n{}", after(earlier, silent_days))
}

/// A notice to a colleague.
pub fn notice(id: &str, to: &str, days: impl std::fmt::Display) -> String {
    format!("[[step]]\nid = \"{id}\"\nnotify = \"{id}\"\nto = \"{to}\"\ndays = {days}\n")
}

/// An e-mail that waits for an event.
pub fn on(id: &str, event: &str) -> String {
    format!("[[step]]\nid = \"{id}\"\nemail = \"{id}\"\non = \"{event}\"\n")
}

/// A task that waits for an event.
pub fn task_on(id: &str, word: &str, event: &str) -> String {
    format!("[[step]]\nid = \"{id}\"\ntask = \"{word}\"\non = \"{event}\"\n")
}
