//! What differs between two timetables, in sentences: the steps one by one, everything else by its name (D9).

use std::collections::BTreeSet;

use super::{Action, Days, Step, Timetable, When};

/// A sentence for each difference that counts; the order of the steps does not.
#[must_use]
pub fn between(old: &Timetable, new: &Timetable) -> Vec<String> {
    let mut found = Vec::new();
    let mut renamed = BTreeSet::new();
    for step in &new.steps {
        let was = old.step(&step.id).or_else(|| {
            let was = step.renamed_from.iter().find_map(|id| old.step(id)).filter(|was| new.step(&was.id).is_none())?;
            renamed.insert(was.id.as_str());
            found.push(format!("the step `{}` is now called `{}` (T31)", was.id, step.id));
            Some(was)
        });
        match was {
            Some(was) => found.extend(step_changes(was, step)),
            None => found.push(format!("the step `{}` was added: {}, {}", step.id, action(&step.action), when(&step.when))),
        }
    }
    let gone = old.steps.iter().filter(|s| new.step(&s.id).is_none() && !renamed.contains(s.id.as_str()));
    found.extend(gone.map(|s| format!("the step `{}` is gone", s.id)));
    found.extend(keys(old, new).into_iter().map(|key| format!("{key} changed")));
    let customers: BTreeSet<&String> = old.customers.keys().chain(new.customers.keys()).collect();
    let differs = customers.into_iter().filter(|id| old.customer(id) != new.customer(id));
    found.extend(differs.map(|id| format!("[customer.{id:?}] changed")));
    found
}

/// The keys above the tables and the tables of which one is enough to name.
fn keys(old: &Timetable, new: &Timetable) -> Vec<&'static str> {
    // A key that is added to the timetable does not compile before it is named here.
    let Timetable {
        time_zone,
        calendar,
        customer_calendars,
        customer_windows,
        quiet_days,
        grace_days,
        min_balance,
        go_live,
        promise_grace_days,
        resend_after_days,
        recheck_after,
        volume_guard,
        sizes,
        segments,
        steps: _,
        customers: _,
        interest,
        aging,
        priority,
        ranks,
        review,
        approval,
        worklist,
        cases: _,
    } = old;
    // Its usual factors follow the classes and the sizes, which are named themselves.
    let follows = *aging != new.aging || *sizes != new.sizes;
    let same = [
        ("time_zone", *time_zone == new.time_zone),
        ("send_window", calendar.window == new.calendar.window),
        ("holidays", (&calendar.holidays, &calendar.countries) == (&new.calendar.holidays, &new.calendar.countries)),
        ("[[customer_window]]", *customer_windows == new.customer_windows),
        ("customer_holidays", customer_calendars.is_empty() == new.customer_calendars.is_empty()),
        ("quiet_days", *quiet_days == new.quiet_days),
        ("grace_days", *grace_days == new.grace_days),
        ("min_balance", *min_balance == new.min_balance),
        ("go_live", *go_live == new.go_live),
        ("promise_grace_days", *promise_grace_days == new.promise_grace_days),
        ("resend_after_days", *resend_after_days == new.resend_after_days),
        ("recheck_after", *recheck_after == new.recheck_after),
        ("volume_guard", *volume_guard == new.volume_guard),
        ("[sizes]", *sizes == new.sizes),
        ("[[segment]]", *segments == new.segments),
        ("[interest]", *interest == new.interest),
        ("[aging]", *aging == new.aging),
        ("[priority]", follows || *priority == new.priority),
        ("[rank]", *ranks == new.ranks),
        ("[review]", *review == new.review),
        ("[approval]", *approval == new.approval),
        ("[worklist]", *worklist == new.worklist),
    ];
    same.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect()
}

fn step_changes(old: &Step, new: &Step) -> Vec<String> {
    let Step { id, action: _, when: _, after, grace_days, limits, merge, attach, pay_within, approve, interest, renamed_from: _ } =
        new;
    let mut found = Vec::new();
    let mut turn = |before: String, now: String| {
        if before != now {
            found.push(format!("the step `{id}`: from {before} to {now}"));
        }
    };
    turn(when(&old.when), when(&new.when));
    turn(action(&old.action), action(&new.action));
    let same = [
        ("after", *after == old.after),
        ("grace_days", *grace_days == old.grace_days),
        ("sizes", limits.sizes == old.limits.sizes),
        ("ranks", limits.ranks == old.limits.ranks),
        ("segments", limits.segments == old.limits.segments),
        ("currencies", limits.currencies == old.limits.currencies),
        ("merge", *merge == old.merge),
        ("attach", *attach == old.attach),
        ("pay_within", *pay_within == old.pay_within),
        ("approve", *approve == old.approve),
        ("interest", *interest == old.interest),
    ];
    found.extend(same.into_iter().filter(|(_, same)| !same).map(|(key, _)| format!("the step `{id}`: {key} changed")));
    found
}

fn action(action: &Action) -> String {
    match action {
        Action::Email { template } => format!("email `{template}`"),
        Action::Task { task } => format!("task `{task}`"),
        Action::Notice { template, .. } => format!("notify `{template}`"),
    }
}

fn when(when: &When) -> String {
    let (days, repeat) = match when {
        When::On(event) => return format!("on {}", event.word()),
        When::After => return "after another step".to_owned(),
        When::Days { days, repeat } => (days, repeat),
    };
    let mut text = match days {
        Days::All(days) => format!("days {days}"),
        Days::BySegment(table) => {
            let cells: Vec<String> = table.iter().map(|(segment, days)| format!("{segment} {days}")).collect();
            format!("days {}", cells.join(", "))
        }
    };
    if let Some(repeat) = repeat {
        text += &format!(", every {}", repeat.every);
        text += &repeat.until.map(|until| format!(" until {until}")).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::file::parse;

    const HEAD: &str = "time_zone = \"UTC\"\nquiet_days = QUIET\n[[segment]]\nname = \"all\"\n";

    fn timetable(quiet: &str, rest: &str) -> Timetable {
        parse("x", &format!("{}{rest}", HEAD.replace("QUIET", quiet))).unwrap().0
    }

    #[test]
    fn a_diff_names_each_step_and_what_it_was() {
        let old = "[[step]]\nid = \"a\"\nemail = \"x\"\ndays = 3\n[[step]]\nid = \"b\"\nemail = \"x\"\ndays = 9\n\
                   [[step]]\nid = \"c\"\ntask = \"call\"\ndays = 20\n";
        let new = "[[step]]\nid = \"n\"\nrenamed_from = \"b\"\nemail = \"x\"\ndays = 9\ngrace_days = 2\npay_within = 7\n\
                   [[step]]\nid = \"a\"\nemail = \"y\"\ndays = { all = 5 }\nrepeat_every = 7\n\
                   [[step]]\nid = \"d\"\nemail = \"x\"\non = \"paid\"\n[customer.C-1]\nquiet_days = 1\n";
        let said = between(&timetable("3", old), &timetable("4", new));
        assert_eq!(
            said,
            [
                "the step `b` is now called `n` (T31)",
                "the step `n`: grace_days changed",
                "the step `n`: pay_within changed",
                "the step `a`: from days 3 to days all 5, every 7",
                "the step `a`: from email `x` to email `y`",
                "the step `d` was added: email `x`, on paid",
                "the step `c` is gone",
                "quiet_days changed",
                "[customer.\"C-1\"] changed",
            ]
        );
        assert!(between(&timetable("3", old), &timetable("3", old)).is_empty());
    }
}
