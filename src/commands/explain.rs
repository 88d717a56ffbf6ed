//! `dunningd explain`: why something is sent about an invoice or to a customer on a day, or not.

use anyhow::anyhow;
use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::{Exit, Failure, Format, Globals, Result, date, open, output};
use crate::contacts::facts;
use crate::daemon::inquiry::{Answer, Inquiry, InquiryError};
use crate::daemon::office::Office;
use crate::diagnostic::nearest;
use crate::ledger::{Customer, Invoice, Snapshot};
use crate::plan::explain::{self, Claimed, Line, Question, Tense, words};
use crate::timetable::stops;

/// Why, and why not.
#[derive(Debug, Args)]
pub struct Explain {
    /// The id of an invoice or a customer
    #[arg(value_name = "INVOICE|CUSTOMER", required_unless_present_any = ["invoice", "customer"],
          conflicts_with_all = ["invoice", "customer"])]
    id: Option<String>,
    /// The id, if it is an invoice's and a customer's
    #[arg(long, value_name = "ID", conflicts_with = "customer")]
    invoice: Option<String>,
    /// Likewise
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// Only this step
    #[arg(long, value_name = "ID")]
    step: Option<String>,
    /// The day, past or to come [default: today]
    #[arg(long, value_parser = date, value_name = "DATE")]
    on: Option<NaiveDate>,
}

/// What is explained.
struct Subject {
    customer: String,
    invoice: Option<String>,
}

pub async fn run(globals: &Globals, args: &Explain) -> Result {
    let config = open::config(globals)?;
    let office = open::office_to_look(globals, &config).await?;
    if let Some(step) = &args.step {
        open::known_step(&office.timetable, step)?;
    }
    let on = args.on.unwrap_or(office.present().1);
    let mut inquiry = match Inquiry::begin(&office, on).await {
        Err(InquiryError::Database(error)) => return Err(error.into()),
        // As a poll whose read has failed: it ran, and there is nothing to show.
        Err(error) => {
            output::complain(&error.to_string());
            return Ok(Exit::Attention);
        }
        Ok(inquiry) => inquiry,
    };
    let subject = subject(args, &office, &inquiry.snapshot, on).await?;
    let answer = inquiry.answer(&subject.customer, subject.invoice.as_deref()).await.map_err(anyhow::Error::from)?;
    show(globals.format, args, &office, &inquiry, &subject, &answer)?;
    Ok(if inquiry.believed { Exit::Done } else { Exit::Attention })
}

/// Finds the invoice or the customer.
async fn subject(args: &Explain, office: &Office, ledger: &Snapshot, on: NaiveDate) -> Result<Subject> {
    let of = |invoice: &Invoice| Subject { customer: invoice.customer_id.clone(), invoice: Some(invoice.id.clone()) };
    let (id, what) = match (&args.id, &args.invoice, &args.customer) {
        (_, Some(id), _) => (id, "invoice"),
        (_, _, Some(id)) => (id, "customer"),
        (Some(id), ..) => (id, "invoice or customer"),
        _ => return Err(anyhow!("name an invoice or a customer").into()),
    };
    let invoice = ledger.invoices.get(id).filter(|_| what != "customer");
    let customer = ledger.customers.get(id).filter(|_| what != "invoice");
    match (invoice, customer) {
        (Some(_), Some(_)) => Err(anyhow!("{id:?} is an invoice and a customer: say --invoice {id} or --customer {id}").into()),
        (Some(invoice), None) => Ok(of(invoice)),
        (None, Some(customer)) => Ok(Subject { customer: customer.id.clone(), invoice: None }),
        (None, None) => Err(unknown(id, what, office, ledger, on).await),
    }
}

/// Says that nothing has such an id on the day, and what may be meant.
async fn unknown(id: &str, what: &str, office: &Office, ledger: &Snapshot, on: NaiveDate) -> Failure {
    let today = office.present().1;
    if on < today
        && let Ok(now) = office.source.read(&office.db, facts::Remembered, today).await
        && let Some(invoice) = now.invoices.get(id)
    {
        return anyhow!("the invoice {id:?} was issued on {}: on {on} the ledger had no such invoice", invoice.issue_date).into();
    }
    let invoices = ledger.invoices.keys().filter(|_| what != "customer");
    let customers = ledger.customers.keys().filter(|_| what != "invoice");
    let near = nearest(id, invoices.chain(customers).map(String::as_str));
    let near = near.map(|n| format!("; did you mean {n}?")).unwrap_or_default();
    anyhow!("the ledger has no {what} {id:?} as of {on}{near} `dunningd log` has what was sent about one that is gone").into()
}

fn show(
    format: Format,
    args: &Explain,
    office: &Office,
    inquiry: &Inquiry<'_>,
    subject: &Subject,
    answer: &Answer,
) -> Result<()> {
    let (ledger, on) = (&inquiry.snapshot, inquiry.on);
    let nobody = Customer { id: subject.customer.clone(), ..Customer::default() };
    let customer = ledger.customers.get(&subject.customer).unwrap_or(&nobody);
    let all: Vec<&Invoice> = ledger.invoices.values().filter(|i| i.customer_id == customer.id).collect();
    let sums = stops::sums(ledger);
    let day = answer.knowledge.day(&office.timetable, ledger, on);
    let mut question = Question {
        day: &day,
        plan: &answer.plan,
        records: &answer.records,
        tense: inquiry.tense,
        in_window: answer.in_window,
        customer,
        invoices: &all,
        sums: &sums,
    };
    let segment = question.account().segment.to_owned();
    let (zone, window) = office.timetable.window_of(customer, &segment);
    question.in_window &= inquiry.tense != Tense::Present || window.is_open(zone, answer.at);
    let account = question.account();
    let asked = |i: &&&Invoice| subject.invoice.as_ref().map_or_else(|| i.is_open(), |id| i.id == *id);
    let is_known = ledger.customers.contains_key(&subject.customer);
    let mut notes = answer.notes.clone();
    if !is_known {
        notes.push(format!("The ledger has no customer {:?} (any more): nothing is sent about its invoices.", subject.customer));
    }
    let (mut invoices, mut claimed) = (Vec::new(), Vec::new());
    for invoice in all.iter().filter(asked).filter(|_| is_known) {
        let mut lines = explain::invoice(&question, &account, invoice);
        notes.extend(explain::unexplained(&question, invoice, &lines));
        lines.retain(|l| args.step.as_ref().is_none_or(|s| l.step == *s));
        claimed.push(explain::interest(&question, &account, invoice));
        invoices.push((*invoice, lines));
    }
    let why = explain::segment_why(&question, &account);
    let facts = explain::facts(&question, &account);
    let lines = || invoices.iter().flat_map(|(_, lines)| lines);
    let next = lines().filter_map(|l| Some((l.next?, l))).min_by_key(|(n, _)| n.date);
    if format == Format::Json {
        let invoice = |(i, claimed): (&Invoice, &Option<Claimed>)| {
            json!({ "id": i.id, "number": i.number, "status": i.status.word(), "issue_date": i.issue_date, "due_date": i.due_date,
            "days_past_due": i.days_past_due(on), "total": i.currency.plain(i.total),
            "open_balance": i.currency.plain(i.open_balance), "currency": i.currency, "disputed": i.disputed,
            "interest": claimed })
        };
        output::json(&json!({
            "invoice": subject.invoice, "customer": subject.customer, "segment": account.segment, "segment_why": why, "on": on,
            "at": answer.at, "tense": tense(inquiry.tense), "in_window": answer.in_window, "go_live": answer.knowledge.go_live,
            "facts": facts, "notes": notes, "invoices": invoices.iter().map(|(i, _)| *i).zip(&claimed).map(invoice).collect::<Vec<_>>(),
            "steps": lines().collect::<Vec<_>>(),
            "next": next.map(|(n, l)| json!({ "invoice": l.invoice, "step": l.step, "occurrence": n.occurrence, "date": n.date })),
            "log": answer.of_the_day,
        }));
        return Ok(());
    }
    output::heading(&format!("{}, on {}", name(customer), on.format("%A, %F")));
    output::paragraph(&format!("Segment {}. {why}", account.segment), 0);
    facts.iter().for_each(|f| output::paragraph(f, 0));
    for ((invoice, lines), claimed) in invoices.iter().zip(&claimed) {
        output::line("");
        output::heading(&title(invoice, on));
        claimed.iter().for_each(|c| output::paragraph(&c.explanation, 0));
        lines.iter().for_each(step);
    }
    if invoices.is_empty() {
        output::line("\nNo open invoice: nothing is planned. Name a paid one by its id.");
    }
    if let Some((next, line)) = next.filter(|_| args.step.is_none()) {
        let what = words::step(&line.step, next.occurrence);
        output::line(format!("\nNext: {what} of {} on {}.", line.invoice, words::date(next.date, on)));
    }
    if !answer.of_the_day.is_empty() && inquiry.tense != Tense::Future {
        output::line(format!("\nThe log has for {}:", words::date(on, on)));
        output::contacts(&answer.of_the_day);
    }
    notes.iter().for_each(|n| output::remark(n));
    Ok(())
}

fn tense(tense: Tense) -> &'static str {
    match tense {
        Tense::Past => "past",
        Tense::Present => "present",
        Tense::Future => "future",
    }
}

fn name(customer: &Customer) -> String {
    if customer.name.is_empty() {
        format!("Customer {}", customer.id)
    } else {
        format!("Customer {}, {}", customer.id, customer.name)
    }
}

fn title(invoice: &Invoice, on: NaiveDate) -> String {
    let late = invoice.days_past_due(on);
    let days = |n: i64| words::count(n.unsigned_abs(), "day");
    let when = match late {
        0 => "due on this day".to_owned(),
        _ if late > 0 => format!("due {}, {} past due", words::date(invoice.due_date, on), days(late)),
        _ => format!("due {}, in {}", words::date(invoice.due_date, on), days(late)),
    };
    let open = match stops::closed(invoice) {
        Some(stop) => stop.word().to_owned(),
        None => format!("{} {} open", invoice.currency.plain(invoice.open_balance), invoice.currency),
    };
    format!("Invoice {}: {open}, {when}", invoice.id)
}

fn step(line: &Line) {
    let name = words::step(&line.step, line.occurrence.unwrap_or(0));
    let reason = line.reason.as_ref().filter(|r| *r != line.case).map(|r| format!(", {r}")).unwrap_or_default();
    output::line(format!("  {}: {}{reason} ({})", output::visible(&name), output::strong(line.case), line.rule));
    output::paragraph(&line.explanation, 6);
}
