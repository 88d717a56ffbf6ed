//! What has happened since the last business day, and what waits: read once for all digests of a morning.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::contacts::digest::Mailing;
use crate::contacts::entry::{self, Entry, Filter};
use crate::contacts::{State, polls, suppress};
use crate::database::{Database, DatabaseError, Tx};
use crate::ledger::Snapshot;
use crate::ledger::ranks::Ranks;
use crate::ledger::source::Source;
use crate::money::Currency;
use crate::report::aging::{Aging, By};
use crate::report::books::{Books, ReportError};
use crate::timetable::{Timetable, calendar};
use crate::vals;
use crate::worklist::Desk;
use crate::worklist::item::{self, Item};

/// More problems of polls than these help nobody.
const PROBLEMS: usize = 5;

/// The days that a digest is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub today: NaiveDate,
    /// The last business day before today.
    pub since: NaiveDate,
    /// Yesterday.
    pub until: NaiveDate,
}

impl Days {
    /// Those of a morning.
    #[must_use]
    pub fn of(timetable: &Timetable, today: NaiveDate) -> Self {
        let until = today.pred_opt().unwrap_or(today);
        // Never more than a month: a year without business days is a mistake.
        let mut before = (0..31).map(|n| until - TimeDelta::days(n));
        let since = before.find(|day| timetable.calendar.is_business_day(*day)).unwrap_or(until);
        Self { today, since, until }
    }
}

/// A customer, as far as a digest names it.
#[derive(Debug, Clone, Default)]
pub struct Customer {
    pub name: String,
    pub phone: Option<String>,
    pub collector: Option<String>,
    /// What is past due, by currency.
    pub past_due: BTreeMap<Currency, Decimal>,
    /// Of its oldest open invoice; 0: nothing is past due.
    pub days_past_due: i64,
}

/// A payment of the days that are reported on.
#[derive(Debug, Clone)]
pub struct Received {
    pub customer_name: String,
    pub collector: Option<String>,
    pub on: NaiveDate,
    pub amount: Decimal,
    pub currency: Currency,
}

/// What an e-mail that waits for approval would say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub subject: String,
    pub text: String,
}

/// Everything that the digests of a morning are made of.
#[derive(Debug)]
pub struct Gathered<'a> {
    pub timetable: &'a Timetable,
    pub days: Days,
    /// The tasks that wait, in the order of the worklist.
    pub open: Vec<Entry>,
    /// Those of them on whose invoices nothing is open any more.
    pub settled: BTreeSet<String>,
    /// Those of customers that people look after.
    pub personal: BTreeSet<String>,
    /// E-mails that wait for approval (T34), the oldest first.
    pub waiting: Vec<Entry>,
    /// What they would say, by their ids: whoever can render them puts it here.
    pub drafts: HashMap<String, Draft>,
    /// The tasks that were done in these days.
    pub done: Vec<Entry>,
    /// E-mails that failed in these days, and all that are in doubt.
    pub trouble: Vec<Entry>,
    /// Addresses that were suppressed in these days, with the reply and the contact that was refused.
    pub suppressed: Vec<(String, String, String, String)>,
    /// What went out: kind, step and how many.
    pub sent: Vec<(String, String, u64)>,
    pub received: Vec<Received>,
    /// Those that the tasks and the trouble are about.
    pub customers: HashMap<String, Customer>,
    pub aging: Aging<'a>,
    pub by_collector: Aging<'a>,
    /// What the polls complained of, and what else a person should know.
    pub problems: Vec<String>,
}

/// Reads the log and the ledger for the digests of a day. `now`: as of which instant the tasks are; `present`: the day on
/// which is asked, beyond which a query ledger knows nothing.
///
/// # Errors
/// The own database's; a ledger that cannot be read is a problem that the digest tells.
pub async fn gather<'a>(
    db: &Database,
    source: &Source,
    timetable: &'a Timetable,
    today: NaiveDate,
    present: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Gathered<'a>, DatabaseError> {
    let days = Days::of(timetable, today);
    let begin = |day| calendar::instant(timetable.time_zone, day, NaiveTime::MIN);
    let (first, end) = (begin(days.since), begin(today));
    let mut tx = db.snapshot().await?;
    let open = "kind = 'task' AND coalesce(due_on, date) <= $1 AND (state = 'open' OR (state = 'done' AND changed_at > $2))";
    let open = contacts(&mut tx, open, vals![today, now]).await?;
    let waiting = contacts(&mut tx, "state = 'planned' AND kind = 'email' AND created_at <= $1", vals![now]).await?;
    let done = "kind = 'task' AND state = 'done' AND changed_at >= $1 AND changed_at < $2";
    let done = contacts(&mut tx, done, vals![first, end]).await?;
    let trouble = "kind = 'email' AND (state = 'in-doubt' OR (state = 'failed' AND changed_at >= $1 AND changed_at <= $2))";
    let trouble = contacts(&mut tx, trouble, vals![first, now]).await?;
    let mut desk = Desk::begin(&mut tx, timetable, open.iter(), today).await?;
    // Those that were done since were open then.
    let then = open.iter().map(|e| Entry { state: State::Open, ..e.clone() }).collect();
    let items = item::with_amounts(&mut tx, then, today).await?;
    let mut gathered = Gathered {
        timetable,
        days,
        open,
        settled: BTreeSet::new(),
        personal: BTreeSet::new(),
        waiting,
        drafts: HashMap::new(),
        done,
        trouble,
        suppressed: suppressed(&mut tx, first, now).await?,
        sent: sent(&mut tx, days).await?,
        received: Vec::new(),
        customers: HashMap::new(),
        aging: Aging::new(timetable, By::Customer, today),
        by_collector: Aging::new(timetable, By::Collector, today),
        problems: problems(&mut tx, days).await?,
    };
    drop(tx);
    let on = if matches!(source, Source::Query(_)) { present } else { today };
    let is_read = match gathered.read(db, source, on, present, &timetable.ranks, &mut desk).await {
        Ok(()) => true,
        Err(ReportError::Database(error)) => return Err(error),
        Err(other) => {
            gathered.problems.insert(0, other.to_string());
            false
        }
    };
    gathered.arrange(item::arrange(items, is_read.then_some(&desk)));
    Ok(gathered)
}

impl Gathered<'_> {
    /// Takes over the order of the worklist.
    fn arrange(&mut self, items: Vec<Item>) {
        let mut places: HashMap<String, usize> = HashMap::new();
        for (place, item) in items.into_iter().enumerate() {
            let id = item.entry.contact.unwrap_or_default();
            if item.settled {
                self.settled.insert(id.clone());
            }
            if item.personal {
                self.personal.insert(id.clone());
            }
            places.insert(id, place);
        }
        self.open.sort_by_key(|e| e.contact.as_ref().and_then(|id| places.get(id)).copied());
    }

    async fn read(
        &mut self,
        db: &Database,
        source: &Source,
        on: NaiveDate,
        present: NaiveDate,
        ranks: &Ranks,
        desk: &mut Desk<'_>,
    ) -> Result<(), ReportError> {
        let named: BTreeSet<String> = [&self.open, &self.done, &self.trouble, &self.waiting]
            .into_iter()
            .flatten()
            .map(|e| e.customer.clone())
            .chain(self.suppressed.iter().map(|s| s.2.clone()))
            .collect();
        let mut books = Books::open(db, source, ranks, on, present).await?;
        while let Some((ledger, since)) = books.next().await? {
            self.aging.add(&ledger, &since);
            self.by_collector.add(&ledger, &since);
            self.look_at(&ledger, &named);
            desk.look(&ledger);
        }
        Ok(())
    }

    fn look_at(&mut self, ledger: &Snapshot, named: &BTreeSet<String>) {
        for customer in ledger.customers.values().filter(|c| named.contains(&c.id)) {
            self.customers.insert(
                customer.id.clone(),
                Customer {
                    name: customer.name.clone(),
                    phone: customer.phone.clone(),
                    collector: customer.collector.as_ref().map(ToString::to_string),
                    ..Customer::default()
                },
            );
        }
        for invoice in ledger.invoices.values().filter(|i| i.is_open()) {
            let days = invoice.days_past_due(self.days.today);
            if let Some(customer) = self.customers.get_mut(&invoice.customer_id).filter(|_| days > 0) {
                *customer.past_due.entry(invoice.currency).or_default() += invoice.open_balance;
                customer.days_past_due = customer.days_past_due.max(days);
            }
        }
        let in_days = |day: NaiveDate| (self.days.since..=self.days.until).contains(&day);
        self.received.extend(ledger.payments.iter().filter(|p| in_days(p.received_on)).map(|payment| {
            // A payment is its invoice's customer's.
            let invoice = payment.invoice_id.as_ref().and_then(|id| ledger.invoices.get(id));
            let id = invoice.map_or(&payment.customer_id, |i| &i.customer_id);
            let customer = ledger.customers.get(id);
            Received {
                customer_name: customer.map_or_else(|| id.clone(), |c| c.name.clone()),
                collector: customer.and_then(|c| c.collector.as_ref()).map(ToString::to_string),
                on: payment.received_on,
                amount: payment.amount,
                currency: payment.currency,
            }
        }));
    }
}

/// The contacts for which a condition holds.
async fn contacts(tx: &mut Tx, condition: &str, values: Vec<crate::database::Val>) -> Result<Vec<Entry>, DatabaseError> {
    let rows = tx.all(&format!("SELECT id FROM contact WHERE {condition} ORDER BY id"), values).await?;
    let ids = rows.iter().map(|r| r.text("id")).collect::<Result<Vec<_>, _>>()?;
    entry::list(tx, &Filter { contacts: Some(ids), ..Filter::default() }).await
}

async fn suppressed(
    tx: &mut Tx,
    first: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<(String, String, String, String)>, DatabaseError> {
    let sql = "SELECT s.address, s.evidence, c.customer, c.id FROM suppression s JOIN contact c ON c.id = s.contact
               WHERE s.lifted_at IS NULL AND s.created_at >= $1 AND s.created_at <= $2 AND c.customer <> '' ORDER BY s.created_at, s.address";
    let rows = tx.all(sql, vals![first, now]).await?;
    let row = |r: &crate::database::Row| Ok((r.text("address")?, r.text("evidence")?, r.text("customer")?, r.text("id")?));
    let all = rows.iter().map(row).collect::<Result<Vec<_>, DatabaseError>>()?;
    Ok(all.into_iter().filter(|(address, ..)| !suppress::is_forgotten(address)).collect())
}

async fn sent(tx: &mut Tx, days: Days) -> Result<Vec<(String, String, u64)>, DatabaseError> {
    let sql = "SELECT kind, step, count(*) AS n FROM contact WHERE kind IN ('email', 'notice') AND state IN ('sent', 'in-doubt')
                 AND merged_as NOT IN ($3, $4) AND date >= $1 AND date <= $2 GROUP BY kind, step ORDER BY kind, n DESC, step";
    let rows = tx.all(sql, vals![days.since, days.until, Mailing::Digest.word(), Mailing::Forewarning.word()]).await?;
    rows.iter().map(|r| Ok((r.text("kind")?, r.text("step")?, r.int("n")?.unsigned_abs()))).collect()
}

/// The last complaints of the polls, each once.
async fn problems(tx: &mut Tx, days: Days) -> Result<Vec<String>, DatabaseError> {
    let mut said: Vec<String> = Vec::new();
    let mut day = days.today;
    while day >= days.since && said.len() < PROBLEMS {
        for poll in polls::of_day(tx, day).await?.into_iter().rev() {
            let Some(problem) = poll.problem.filter(|_| said.len() < PROBLEMS) else { continue };
            if !said.iter().any(|s| s.ends_with(&problem)) {
                said.push(format!("{day}: {problem}"));
            }
        }
        let Some(before) = day.pred_opt() else { break };
        day = before;
    }
    Ok(said)
}
