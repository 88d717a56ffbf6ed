//! Whether somebody is told of what waits for a word (T34).

use super::files::Files;
use crate::config::Config;
use crate::diagnostic::Problem;
use crate::diagnostic::places::Places;
use crate::timetable::Timetable;
use crate::timetable::approval::Approve;

/// `approve = "veto"` without anybody who could object is a mistake. What waits for a word of which nobody is told, and what is so
/// of some customers only, is a warning: `dunningd approve` shows it.
pub fn untold(files: &Files, config: &Config, timetable: &Timetable) -> Option<Problem> {
    let veto = timetable.knows_veto();
    let asks = |approve: Option<Approve>| approve == Some(if veto { Approve::Veto } else { Approve::Yes });
    let (file, text) = files.of_timetable();
    let places = Places::of(file, text);
    let step = timetable.steps.iter().find(|s| asks(s.approve));
    let segment = timetable.segments.iter().find(|s| asks(s.approve));
    let customer = timetable.customers.iter().find(|(_, own)| asks(own.approve));
    if step.is_none() && segment.is_none() && customer.is_none() && !timetable.knows_personal() {
        return None;
    }
    let place = step
        .and_then(|s| places.step(&s.id, "approve"))
        .or_else(|| segment.and_then(|s| places.segment(&s.name, "approve")))
        .or_else(|| customer.and_then(|(id, _)| places.key(&["customer", id, "approve"])));
    let (own, digest) = (&timetable.approval, config.digest.as_ref());
    let managers = digest.is_some_and(|d| !d.manager.is_empty()) || !own.to.is_empty();
    let collectors = own.at.is_some() || digest.is_some_and(|d| d.collectors);
    let help = "write [approval] with at = \"09:00\" in timetable.toml, or [digest] in dunningd.toml";
    if !veto {
        let message =
            "nobody is told of e-mails that wait for a word; who does not ask `dunningd approve` lets them expire (T13, T34)";
        return (!collectors && !managers).then(|| places.problem("approval", place, message, help).as_warning());
    }
    if !collectors && !managers {
        let message = "nobody is told of e-mails that leave unless somebody objects: they would never leave (T34)";
        return Some(places.problem("veto", place, message, help));
    }
    let help = "name somebody: `to` of [approval], or `manager` of [digest]";
    let message = "nobody is told of the e-mails to customers without collector, which leave unless somebody objects: they would \
                   never leave (T34)";
    (!managers).then(|| places.problem("veto", place, message, help).as_warning())
}
