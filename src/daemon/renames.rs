//! Steps that were renamed, or look like it (T31).

use std::collections::{BTreeMap, BTreeSet};

use super::poll::Inputs;
use crate::contacts::{history, polls};
use crate::database::{DatabaseError, Tx};
use crate::plan::rename::Renames;

const RENAMES: &str = "renames";

/// T31: the steps that plan nothing until a person has said whether they are renamed ones.
pub(super) async fn look(
    tx: &mut Tx,
    inputs: &Inputs<'_>,
    problems: &mut Vec<String>,
) -> Result<BTreeSet<String>, DatabaseError> {
    history::keep_renames(tx, &inputs.office.timetable).await?;
    let earlier: Renames = match polls::value(tx, RENAMES).await? {
        Some(text) => serde_json::from_str(&text).map_err(|_| crate::database::inconsistent("state.renames", text, "JSON"))?,
        None => Renames::default(),
    };
    let in_file = |id: &String| inputs.office.timetable.step(id).is_some();
    let gone: Vec<&String> = earlier.known.iter().flatten().chain(&earlier.gone).filter(|id| !in_file(id)).collect();
    let logged = history::steps_with_contacts(tx, &gone).await?;
    let has_contacts = |id: &str| logged.contains_key(id);
    let next = earlier.look(&inputs.office.timetable, has_contacts, inputs.accepted.steps);
    let told = (!next.appeared.is_empty()).then(|| what_waits(&next, &logged, inputs.rehearsal));
    let next = if inputs.rehearsal { earlier.look(&inputs.office.timetable, has_contacts, true) } else { next };
    if next != earlier {
        let text = serde_json::to_string(&next).unwrap_or_default();
        polls::set_value(tx, RENAMES, Some(&text)).await?;
    }
    problems.extend(told);
    Ok(next.appeared)
}

/// What a person is told of steps that look like renamed ones.
fn what_waits(renames: &Renames, logged: &BTreeMap<String, i64>, rehearsal: bool) -> String {
    let counted = |id: &String| match logged.get(id) {
        Some(1) => format!("{id} (1 contact in the log)"),
        Some(n) => format!("{id} ({n} contacts in the log)"),
        None => id.clone(),
    };
    let gone = renames.gone.iter().map(counted).collect::<Vec<_>>().join(", ");
    let appeared = renames.appeared.iter().cloned().collect::<Vec<_>>().join(", ");
    if rehearsal {
        return format!("the steps {gone} are gone and {appeared} have appeared (T31): the new ones would have waited");
    }
    format!(
        "the steps {gone} are gone and {appeared} have appeared (T31): the new ones wait; write renamed_from = \"old-id\" into \
         them, or run `dunningd accept-steps` (without a daemon `run --once --accept-steps`) if they are new"
    )
}
