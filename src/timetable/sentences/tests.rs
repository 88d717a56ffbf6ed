use super::of;
use crate::timetable::file;

const FILE: &str = r#"
time_zone = "Europe/London"
send_window = { days = "mon-fri", from = "08:00", to = "17:30" }
holidays = ["GB-SCT", "2026-12-25"]
quiet_days = 3
min_balance = { EUR = "5.00" }
[sizes]
large = 1000
[[segment]]
name = "strategic"
match = { rank = ["A", "B"], open_balance_from = 100 }
[[segment]]
name = "established"
[[step]]
id = "coming-due"
email = "reminder"
days = { established = -5 }
[[step]]
id = "call"
task = "call"
days = 5
sizes = ["large"]
grace_days = 1
[[step]]
id = "tell"
notify = "notice"
to = "collector"
days = 0
ranks = ["A"]
[[step]]
id = "statement"
email = "statement"
days = 90
repeat_every = 30
repeat_until = 130
merge = false
pay_within = 10
[[step]]
id = "soon"
email = "past-due"
days = "5bd"
segments = ["established"]
[[step]]
id = "silent"
task = "call"
after = "soon"
silent_days = 6
segments = ["established"]
[[step]]
id = "louder"
email = "past-due"
days = 30
after = "soon"
segments = ["established"]
[[step]]
id = "thanks"
email = "thank-you"
on = "paid"
segments = ["strategic"]
[customer.C1]
segment = "strategic"
skip_steps = ["call"]
paused_until = "2027-01-15"
"#;

#[test]
fn every_rule_is_a_sentence_with_sample_dates() {
    let (timetable, _) = file::parse("timetable.toml", FILE).unwrap();
    let sections = of(&timetable, "2026-12-07".parse().unwrap());
    let mut text = String::new();
    for section in &sections {
        text.push_str(&format!("{}\n", section.about));
        for sentence in &section.sentences {
            text.push_str(&format!(
                "  {}{}\n",
                sentence.step.as_ref().map_or(String::new(), |s| format!("{s}: ")),
                sentence.text
            ));
        }
    }
    let expected = "\
Days
  E-mails and notices leave on Mon, Tue, Wed, Thu and Fri, from 08:00 to 17:30 in Europe/London, and not on Fri 25 Dec 2026 and on the public holidays of GB-SCT.
  Between two e-mails about due dates to one customer lie 3 full days at least: after one of Mon 7 Dec 2026, the next leaves on Fri 11 Dec 2026 or later (T16).
  A step may go out up to 10 days late: one whose date is Mon 7 Dec 2026, until Thu 17 Dec 2026 (T13).
  After a promised date the timetable waits 2 days more (T19). A due date that moves by more than 14 days lets what was sent come again (T18).
Limits
  By its total an invoice is large from 1000 on, and small below (T7).
  An open balance below 5.00 EUR gets no e-mail (T19).
  More than 200 e-mails on a day, and more than 5 times the usual number, wait for a person's word (T28).
Strategic customers: those of rank A or B and who owe 100 or more
  tell: the notice `notice` to the collector on the due date, for customers of rank A; for an invoice due on Mon 7 Dec 2026 on Mon 7 Dec.
  call: a task `call` 5 days after the due date, for large invoices; for an invoice due on Mon 7 Dec 2026 on Mon 14 Dec (since Sat 12 Dec is no business day). It may go out up to 1 day late.
  statement: the e-mail `statement` 90 days after the due date, and again every 30 days until day 130; for an invoice due on Mon 7 Dec 2026 on Mon 8 Mar 2027 (since Sun 7 Mar 2027 is no business day) and Tue 6 Apr 2027. Each invoice has an e-mail of its own. It asks to pay within 10 days of its own day.
  thanks: the e-mail `thank-you` when an invoice is paid in full, for up to 10 days afterwards.
Established customers: everybody else
  coming-due: the e-mail `reminder` 5 days before the due date; for an invoice due on Mon 7 Dec 2026 on Wed 2 Dec.
  tell: the notice `notice` to the collector on the due date, for customers of rank A; for an invoice due on Mon 7 Dec 2026 on Mon 7 Dec.
  call: a task `call` 5 days after the due date, for large invoices; for an invoice due on Mon 7 Dec 2026 on Mon 14 Dec (since Sat 12 Dec is no business day). It may go out up to 1 day late.
  soon: the e-mail `past-due` 5 business days after the due date; for an invoice due on Mon 7 Dec 2026 on Mon 14 Dec.
  louder: the e-mail `past-due` 30 days after the due date, but only once `soon` was sent and nothing came back for 7 full days; for an invoice due on Mon 7 Dec 2026 on Wed 6 Jan 2027.
  statement: the e-mail `statement` 90 days after the due date, and again every 30 days until day 130; for an invoice due on Mon 7 Dec 2026 on Mon 8 Mar 2027 (since Sun 7 Mar 2027 is no business day) and Tue 6 Apr 2027. Each invoice has an e-mail of its own. It asks to pay within 10 days of its own day.
  silent: a task `call` once `soon` was sent and nothing came back for 6 full days.
Single customers
  C1 is in `strategic`, never gets `call` and is left alone until Fri 15 Jan 2027 (that day included) (T8).
";
    assert_eq!(text, expected);
    let window = "[[customer_window]]\ncountries = [\"JP\", \"KR\"]\nsegments = \"established\"\ntime_zone = \"Asia/Tokyo\"\nfrom = \"09:00\"\n";
    let text = FILE.replace("quiet_days = 3", "customer_holidays = true").replace("[sizes]", &format!("{window}[sizes]"));
    let (theirs, _) = file::parse("timetable.toml", &text).unwrap();
    let said = of(&theirs, "2026-12-07".parse().unwrap()).remove(0).sentences;
    assert_eq!(
        said[1].text,
        "E-mails to customers of the segment established in JP or KR leave on Mon, Tue, Wed, Thu and Fri, from 09:00 to 17:30 in \
         Asia/Tokyo instead (T5)."
    );
    assert!(said[2].text.starts_with("Steps about a customer keep clear of the public holidays of its own country"), "{said:?}");
    let call = sections[2].sentences.iter().find(|s| s.step.as_deref() == Some("statement")).unwrap();
    assert_eq!(call.dates.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2027-03-08", "2027-04-06"]);
}

#[test]
fn what_is_asked_before_an_email_leaves_is_said() {
    let text = "time_zone = \"UTC\"\n[priority]\npersonal = \"pareto\"\n[[segment]]\nname = \"vip\"\npersonal = true\nmatch = { rank = \"A\" }\n\
                [[segment]]\nname = \"rest\"\napprove = \"veto\"\n[[step]]\nid = \"a\"\nemail = \"x\"\ndays = 3\napprove = true\n\
                [customer.C-1]\npersonal = false\napprove = false\n";
    let timetable = crate::timetable::file::parse("t", text).unwrap().0;
    let sections = of(&timetable, "2026-12-07".parse().unwrap());
    let all: Vec<String> =
        sections.into_iter().flat_map(|s| std::iter::once(s.about).chain(s.sentences.into_iter().map(|s| s.text))).collect();
    let all = all.join("\n");
    for part in [
        "What leaves unless somebody objects does so 1 business day after somebody was told of it (T34).",
        "People look after the few that make 80 % of what is open in a currency",
        "people look after them, and e-mails wait for approval (T34)",
        "e-mails leave unless somebody who was told of them objects (T34)",
        "It leaves once somebody has approved it (T34).",
        "C-1 is not looked after by people and gets e-mails without approval (T8).",
    ] {
        assert!(all.contains(part), "{part:?} is not in {all}");
    }
}
