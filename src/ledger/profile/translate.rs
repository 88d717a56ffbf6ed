//! The documents of files to customers, invoices and payments. Nothing is guessed, and nothing falls away in silence: a row
//! that cannot be used is named with its line, the file's own column and the value (L2).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use rust_decimal::Decimal;

use super::Profile;
use super::balances;
use super::document::{Kind, Reader};
use super::error::ProfileError;
use super::file::{File, Lines};
use super::sheet::{self, Doc, Sheet, SheetError};
use super::ways::Ways;
use crate::ledger::columns::INVOICES;
use crate::ledger::record::Fault;
use crate::ledger::rows::InvoiceRow;
use crate::ledger::settings::Import;
use crate::ledger::tally::Tally;
use crate::ledger::values::DateFormat;
use crate::ledger::{Customer, Payment, Status};
use crate::money::Currency;

/// What is given beside the profile.
#[derive(Debug, Clone)]
pub struct Given<'a> {
    /// `[import]`: it decides where the profile leaves two ways and the file shows none.
    pub import: &'a Import,
    pub currency: Option<Currency>,
    pub date_format: Option<DateFormat>,
}

/// What files say, ready for the ledger. Each row with its place, `file.csv:17`.
#[derive(Debug)]
pub struct Translated {
    pub customers: Vec<(Customer, String)>,
    pub invoices: Vec<(InvoiceRow, String)>,
    pub payments: Vec<(Payment, String)>,
    /// Invoices that the file names as void or draft: they are closed where the ledger has them.
    pub closed: Vec<(String, Status)>,
    /// The ids of documents that cannot be used: the file names them all the same (L5).
    pub left_out: Vec<String>,
    /// All documents, and those of them that cannot be used.
    pub tally: Tally,
    /// What a person should know, as sentences.
    pub remarks: Vec<String>,
}

/// Reads files with a profile.
///
/// # Errors
/// When a file as a whole cannot be read, or how it is written cannot be known.
pub fn translate(profile: &Profile, paths: &[PathBuf], given: &Given<'_>) -> Result<Translated, ProfileError> {
    let file = &profile.file;
    let (mut sheets, mut open) = (Vec::new(), None);
    for path in paths {
        match (sheet::read(path, &profile.name, file, given.import), &file.balances) {
            (Ok(sheet), _) => sheets.push(sheet),
            (Err(SheetError::NoHeader { .. }), Some(of)) if open.is_none() => {
                open = Some(balances::read(path, &profile.name, of, file, given.import)?);
            }
            (Err(error), _) => return Err(error.into()),
        }
    }
    let default_currency = given.currency.or(file.currency).or(given.import.currency);
    let names: BTreeMap<String, String> = sheets.iter().flat_map(|s| s.names.clone()).collect();
    if default_currency.is_none() && !names.contains_key("currency") {
        return Err(ProfileError::NoCurrency { profile: profile.name.clone() });
    }
    let reader = Reader { file, default_currency };
    let balances = open.unwrap_or_default();
    let all = sheets.iter().flat_map(|s| &s.docs).chain(&balances);
    let of: Vec<(&Doc, Option<Currency>)> =
        all.filter(|d| !matches!(reader.kind(d), Ok(Kind::Ignore))).map(|doc| (doc, reader.currency(doc).ok())).collect();
    let ways = Ways::find(file, given, &of)?;
    let mut work = Work { reader, ways, names, done: HashMap::new(), money: HashSet::new(), result: Translated::new() };
    for sheet in &sheets {
        work.sheet(sheet);
    }
    if !balances.is_empty() {
        work.balance(&balances);
    }
    work.customers(&sheets);
    Ok(work.result)
}

impl Translated {
    fn new() -> Self {
        Self {
            customers: Vec::new(),
            invoices: Vec::new(),
            payments: Vec::new(),
            closed: Vec::new(),
            left_out: Vec::new(),
            tally: Tally::of(&INVOICES),
            remarks: Vec::new(),
        }
    }
}

struct Work<'a> {
    reader: Reader<'a>,
    ways: Ways,
    names: BTreeMap<String, String>,
    /// The invoices by id: where each stands in the result; and its first row.
    done: HashMap<String, (usize, String)>,
    /// The ids of payments so far.
    money: HashSet<String>,
    result: Translated,
}

impl Work<'_> {
    fn file(&self) -> &File {
        self.reader.file
    }

    fn leave_out(&mut self, mut fault: Fault, place: &str, rows: u64) {
        if let Some(name) = self.names.get(&fault.column) {
            name.clone_into(&mut fault.column);
        }
        self.result.tally.leave_out_many(fault.at(&INVOICES, place), rows);
    }

    fn sheet(&mut self, sheet: &Sheet) {
        for (place, rows, fault) in &sheet.faults {
            self.result.tally.rows += rows;
            self.leave_out(fault.clone(), place, *rows);
        }
        let mut sum = Some(Decimal::ZERO);
        for doc in &sheet.docs {
            sum = sum.and_then(|sum| Some(sum + self.reader.open(doc, &self.ways).ok()?));
            if matches!(self.reader.kind(doc), Ok(Kind::Ignore)) {
                continue;
            }
            self.result.tally.rows += 1;
            if let Err(fault) = self.document(doc) {
                self.result.left_out.extend(self.reader.invoice_id(doc));
                self.leave_out(fault, &doc.place, 1);
            }
        }
        self.compare(sum, sheet.grand_total.as_deref());
    }

    /// The grand total of a report is told apart from the sum of its rows; some programs round, so it is a remark.
    fn compare(&mut self, sum: Option<Decimal>, total: Option<&str>) {
        let (Some(sum), Some(text)) = (sum, total.filter(|t| !t.is_empty())) else { return };
        let Some(currency) = self.reader.default_currency else { return };
        match self.ways.amount(text.trim_start_matches(|c: char| !c.is_ascii_digit() && !"-(.,".contains(c)), currency) {
            Ok(total) if total != sum => {
                let (total, sum) = (currency.plain(total), currency.plain(sum));
                self.result.remarks.push(format!("the file's own total is {total}, and its rows add up to {sum}"));
            }
            _ => {}
        }
    }

    fn document(&mut self, doc: &Doc) -> Result<(), Fault> {
        let kind = self.reader.kind(doc)?;
        let status = self.reader.status(doc)?;
        self.reader.currency(doc)?;
        self.reader.customer(doc)?;
        let open = self.reader.open(doc, &self.ways);
        let is_credit =
            self.file().negative_is_credit && self.file().lines != Lines::Sum && matches!(open, Ok(open) if open < Decimal::ZERO);
        match kind {
            Kind::Invoice if !is_credit => self.invoice(doc, status),
            Kind::Ignore => Ok(()),
            // What is not booked, or not any more, is no credit.
            _ if matches!(status, Status::Void | Status::Draft) => Ok(()),
            Kind::Payment => self.payment(doc, Kind::Payment),
            _ => self.payment(doc, Kind::Credit),
        }
    }

    fn invoice(&mut self, doc: &Doc, status: Status) -> Result<(), Fault> {
        let id = self.reader.invoice_id(doc)?;
        if matches!(status, Status::Void | Status::Draft) {
            self.result.closed.push((id, status));
            return Ok(());
        }
        let lines = self.file().lines;
        if let Some((at, first)) = self.done.get(&id).cloned() {
            let open = self.reader.open(doc, &self.ways)?;
            let billed = if lines == Lines::Sum { self.reader.billed(doc, &self.ways)? } else { Decimal::ZERO };
            let Some((row, _)) = self.result.invoices.get_mut(at) else { return Ok(()) };
            return match lines {
                Lines::Sum => {
                    // The dates and the customer are those of the row that says when it is due.
                    if doc.get("due_date").is_some() && row.total <= Decimal::ZERO {
                        let (total, open) = (row.total, row.open_balance);
                        *row = InvoiceRow { total, open_balance: open, ..self.reader.invoice(doc, id, &self.ways)? };
                    }
                    row.total += billed;
                    row.open_balance = row.open_balance.map(|before| before + open);
                    Ok(())
                }
                Lines::Repeat if row.open_balance == Some(open) => Ok(()),
                Lines::Repeat => {
                    let problem = format!("{first} says {} of the same invoice", row.open_balance.unwrap_or_default());
                    Err(Fault::new("open_balance", doc.get("open_balance").unwrap_or_default(), problem))
                }
                Lines::One => {
                    let help = "an id is never used twice; in a profile of your own, id = [\"customer_id\", \"number\"] tells them apart";
                    Err(Fault::new("number", &id, format!("{first} has the same: {help}")))
                }
            };
        }
        let row = self.reader.invoice(doc, id.clone(), &self.ways)?;
        self.done.insert(id, (self.result.invoices.len(), doc.place.clone()));
        self.result.invoices.push((row, doc.place.clone()));
        Ok(())
    }

    fn payment(&mut self, doc: &Doc, kind: Kind) -> Result<(), Fault> {
        let number = doc.get("number").or_else(|| doc.get("id")).map(str::to_owned);
        let number = number.unwrap_or_else(|| {
            let of = ["issue_date", "open_balance", "total"].into_iter().filter_map(|ours| doc.get(ours));
            self.reader.customer_id(doc).into_iter().chain(of).collect::<Vec<_>>().join(" ")
        });
        let pays = if kind == Kind::Payment { doc.get("pays").unwrap_or_default() } else { "" };
        let word = doc.get("kind").unwrap_or("credit");
        let id = format!("{word} {number} {pays}").trim_end().to_owned();
        let id = crate::ledger::values::id(&id).map_err(|problem| Fault::new("number", &id, problem))?;
        let mut payment = self.reader.payment(doc, kind, id, &self.ways)?;
        if payment.amount.is_zero() {
            return Ok(());
        }
        let mut same = 1;
        while !self.money.insert(payment.id.clone()) {
            same += 1;
            payment.id = format!("{} #{same}", payment.id.split(" #").next().unwrap_or_default());
        }
        self.result.payments.push((payment, doc.place.clone()));
        Ok(())
    }

    /// What a second file says is open; an invoice that it does not name is paid.
    fn balance(&mut self, docs: &[Doc]) {
        let (reader, ways) = (self.reader, &self.ways);
        let value = |doc: &Doc| ways.amount(doc.get("open_balance")?, reader.currency(doc).ok()?).ok();
        let open = balances::by_number(docs, value);
        for (row, _) in &mut self.result.invoices {
            row.open_balance = Some(open.get(row.number.as_str()).copied().unwrap_or_default());
        }
        let known: HashSet<&str> = self.result.invoices.iter().map(|(row, _)| row.number.as_str()).collect();
        for doc in docs.iter().filter(|d| d.get("number").is_none_or(|n| !known.contains(n))) {
            let (number, amount) = (doc.get("number").unwrap_or("no invoice"), doc.get("open_balance").unwrap_or_default());
            self.result
                .remarks
                .push(format!("{}: {amount} are open on {number}, of which the other file has no invoice", doc.place));
        }
    }

    /// The customers of all documents that can be used; what any row says of one is kept.
    fn customers(&mut self, sheets: &[Sheet]) {
        // Rows that cancel each other out owe nothing to anybody; a sum below zero is the customer's credit.
        if self.file().lines == Lines::Sum {
            let (owed, credits): (Vec<_>, Vec<_>) = std::mem::take(&mut self.result.invoices)
                .into_iter()
                .partition(|(row, _)| row.open_balance >= Some(Decimal::ZERO));
            self.result.invoices = owed;
            self.result.payments.extend(credits.into_iter().map(|(row, place)| {
                let amount = -row.open_balance.unwrap_or_default();
                let id = format!("credit {}", row.id);
                let InvoiceRow { customer_id, issue_date, currency, .. } = row;
                (Payment { id, customer_id, invoice_id: None, received_on: issue_date, amount, currency }, place)
            }));
        }
        let used: HashSet<&str> = self
            .result
            .invoices
            .iter()
            .map(|(i, _)| i.customer_id.as_str())
            .chain(self.result.payments.iter().map(|(p, _)| p.customer_id.as_str()))
            .collect();
        let mut found: BTreeMap<String, (Customer, String)> = BTreeMap::new();
        for doc in sheets.iter().flat_map(|s| &s.docs) {
            let Ok(customer) = self.reader.customer(doc) else { continue };
            if !used.contains(customer.id.as_str()) {
                continue;
            }
            match found.get_mut(&customer.id) {
                None => drop(found.insert(customer.id.clone(), (customer, doc.place.clone()))),
                Some((known, _)) if known.email.is_empty() && !customer.email.is_empty() => known.email = customer.email,
                Some(_) => {}
            }
        }
        self.result.customers = found.into_values().collect();
    }
}
