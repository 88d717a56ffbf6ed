//! Whether somebody is told of what leaves unless somebody objects (T34).

use super::files::Files;
use crate::config::Config;
use crate::diagnostic::Problem;
use crate::diagnostic::places::Places;
use crate::timetable::Timetable;
use crate::timetable::approval::Approve;

/// `approve = "veto"` without anybody who could object is a mistake; with somebody for some customers only, a warning.
pub fn untold(files: &Files, config: &Config, timetable: &Timetable) -> Option<Problem> {
    if !timetable.knows_veto() {
        return None;
    }
    let (file, text) = files.of_timetable();
    let places = Places::of(file, text);
    let is_veto = |approve: Option<Approve>| approve == Some(Approve::Veto);
    let step = timetable.steps.iter().find(|s| is_veto(s.approve)).and_then(|s| places.step(&s.id, "approve"));
    let segment = || places.segment(&timetable.segments.iter().find(|s| is_veto(s.approve))?.name, "approve");
    let customer = || {
        let (id, _) = timetable.customers.iter().find(|(_, own)| is_veto(own.approve))?;
        places.key(&["customer", id, "approve"])
    };
    let place = step.or_else(segment).or_else(customer);
    let (own, digest) = (&timetable.approval, config.digest.as_ref());
    let managers = digest.is_some_and(|d| !d.manager.is_empty()) || !own.to.is_empty();
    let collectors = own.at.is_some() || digest.is_some_and(|d| d.collectors);
    let help = "write [approval] with at = \"09:00\" in timetable.toml, or [digest] in dunningd.toml";
    if !collectors && !managers {
        let message = "nobody is told of e-mails that leave unless somebody objects: they would never leave (T34)";
        return Some(places.problem("veto", place, message, help));
    }
    let help = "name somebody: `to` of [approval], or `manager` of [digest]";
    let message = "nobody is told of the e-mails to customers without collector, which leave unless somebody objects: they would \
                   never leave (T34)";
    (!managers).then(|| places.problem("veto", place, message, help).as_warning())
}
