//! `[approval]`, and `approve` of a step, a segment or a customer (T34).

use toml::de::DeValue;

use super::customers::addresses;
use super::reader::Table;
use super::values::a;
use super::window::time;
use crate::timetable::approval::{Approve, Rules};

/// Longer nobody is waited for.
const MOST: u32 = 30;

/// The table, or what stands for it.
pub fn read(table: &Table<'_, '_>) -> Rules {
    let (source, usual) = (table.source, Rules::default());
    let Some(own) = table.get("approval").and_then(|v| Table::of(source, v)) else { return usual };
    let at = own.get("at");
    if at.is_none()
        && let Some(value) = own.get("to")
    {
        let help = "write at = \"09:00\", the hour of the e-mail, or leave `to` out";
        source.error(value.span(), "`to` says whom an e-mail goes to, and without `at` there is none", help);
    }
    let veto_days = own.integer("veto_days").unwrap_or(usual.veto_days);
    if !(1..=MOST).contains(&veto_days)
        && let Some(value) = own.get("veto_days")
    {
        let help = "write the business days for which an objection counts after somebody was told";
        source.error(value.span(), format!("`veto_days` is at least 1 and at most {MOST}"), help);
    }
    let rules = Rules { at: at.and_then(|v| time(source, v)), to: addresses(&own, "to").unwrap_or_default(), veto_days };
    own.finish();
    rules
}

/// `approve = true`, `false` or `"veto"`.
pub fn word(table: &Table<'_, '_>) -> Option<Approve> {
    let value = table.get("approve")?;
    match value.get_ref() {
        DeValue::Boolean(true) => Some(Approve::Yes),
        DeValue::Boolean(false) => Some(Approve::No),
        DeValue::String(word) if word.as_ref() == "veto" => Some(Approve::Veto),
        DeValue::String(word) => {
            table.source.unknown(value.span(), "word", word, ["veto"]);
            None
        }
        other => {
            let message = format!("`approve` is true, false or \"veto\", not {}", a(other));
            table.source.error(value.span(), message, "write true, false or \"veto\"");
            None
        }
    }
}
