//! One document of a file: its kind, its currency, its customer, and the rows of the ledger that it makes.

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::file::{CreditSign, File, Lines};
use super::layout::plain;
use super::sheet::Doc;
use super::text::{net_days, undamaged};
use super::ways::Ways;
use crate::address::EmailAddress;
use crate::ledger::record::Fault;
use crate::ledger::rows::InvoiceRow;
use crate::ledger::values;
use crate::ledger::{Customer, Payment, Status};
use crate::money::Currency;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Invoice,
    Credit,
    Payment,
    Ignore,
}

/// Reads documents of one profile.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    pub file: &'a File,
    pub default_currency: Option<Currency>,
}

fn is_one_of(word: &str, words: &[String]) -> bool {
    words.iter().any(|w| plain(w) == plain(word))
}

impl Reader<'_> {
    /// What the document is, by its word.
    ///
    /// # Errors
    /// It is none of the profile's words.
    pub fn kind(&self, doc: &Doc) -> Result<Kind, Fault> {
        let kinds = &self.file.kinds;
        if !self.file.columns.contains_key("kind") {
            return Ok(Kind::Invoice);
        }
        let word = doc.get("kind").unwrap_or_default();
        let of = [
            (Kind::Invoice, &kinds.invoice),
            (Kind::Credit, &kinds.credit),
            (Kind::Payment, &kinds.payment),
            (Kind::Ignore, &kinds.ignore),
        ];
        let found = of.into_iter().find(|(_, words)| is_one_of(word, words)).map(|(kind, _)| kind);
        found.ok_or_else(|| {
            let problem = "[kinds] of the profile does not say whether it is an invoice, a credit or a payment, or to be ignored";
            Fault::new("kind", word, problem)
        })
    }

    /// The ledger's own word for the status; `Open` where the file has none.
    ///
    /// # Errors
    /// It is none of the profile's words.
    pub fn status(&self, doc: &Doc) -> Result<Status, Fault> {
        let words = &self.file.status;
        let Some(word) = doc.get("status").filter(|_| self.file.columns.contains_key("status")) else { return Ok(Status::Open) };
        let of = [
            (Status::Open, &words.open),
            (Status::Paid, &words.paid),
            (Status::Void, &words.void),
            (Status::Draft, &words.draft),
        ];
        let found = of.into_iter().find(|(_, words)| is_one_of(word, words)).map(|(status, _)| status);
        found.ok_or_else(|| {
            Fault::new("status", word, "[status] of the profile does not say whether it is open, paid, void or a draft")
        })
    }

    /// Its currency, or the one that files without have.
    ///
    /// # Errors
    /// There is none.
    pub fn currency(&self, doc: &Doc) -> Result<Currency, Fault> {
        match doc.get("currency") {
            Some(word) => {
                let known = self.file.currencies.iter().find(|(name, _)| plain(name) == plain(word)).map(|(_, c)| *c);
                let help = |e: String| format!("{e}; [currencies] of a profile says what other words mean");
                known.map_or_else(|| word.parse().map_err(|e| Fault::new("currency", word, help(e))), Ok)
            }
            None => self.default_currency.ok_or_else(|| {
                Fault::new("currency", "", "it is empty: say which one is meant with --currency, or `currency` under `[import]`")
            }),
        }
    }

    /// The id of its customer: without one the name.
    pub fn customer_id<'d>(&self, doc: &'d Doc) -> Option<&'d str> {
        doc.get("customer_id").or_else(|| doc.get("customer_name"))
    }

    /// The id of the invoice.
    ///
    /// # Errors
    /// A part of it is empty, or is what a spreadsheet has made of it.
    pub fn invoice_id(&self, doc: &Doc) -> Result<String, Fault> {
        let own = ["id".to_owned()];
        let number = ["number".to_owned()];
        let parts: &[String] = match &self.file.id[..] {
            [] if self.file.columns.contains_key("id") => &own,
            [] => &number,
            parts => parts,
        };
        let part = |ours: &String| {
            let text = match ours.as_str() {
                "customer_id" => self.customer_id(doc),
                other => doc.get(other),
            };
            let text = text.ok_or_else(|| Fault::new(ours, "", "it is needed, and it is empty"))?;
            undamaged(text).map_err(|problem| Fault::new(ours, text, problem))?;
            values::id(text).map_err(|problem| Fault::new(ours, text, problem))
        };
        Ok(parts.iter().map(part).collect::<Result<Vec<_>, _>>()?.join("/"))
    }

    /// The customer, with what the file says of it.
    ///
    /// # Errors
    /// There is none, or a column of it cannot be read.
    pub fn customer(&self, doc: &Doc) -> Result<Customer, Fault> {
        let needed = || Fault::new("customer_name", "", "it is needed, and it is empty");
        let id = self.customer_id(doc).ok_or_else(needed)?;
        let mut unusable_addresses = Vec::new();
        let mut addresses = |ours: &str| {
            let (good, bad) = EmailAddress::parse_list(doc.get(ours).unwrap_or_default());
            unusable_addresses.extend(bad);
            good
        };
        let (email, cc) = (addresses("email"), addresses("cc"));
        let (account_manager, collector) =
            (addresses("account_manager").into_iter().next(), addresses("collector").into_iter().next());
        let text = |ours: &str| doc.get(ours).map(str::to_owned);
        let rank = doc.get("rank").map(|r| values::rank(r).map_err(|e| Fault::new("rank", r, e))).transpose()?;
        let id = values::id(id).map_err(|e| Fault::new("customer_id", id, e))?;
        Ok(Customer {
            name: text("customer_name").unwrap_or_else(|| id.clone()),
            id,
            email,
            cc,
            language: text("language"),
            country: text("country"),
            segment: text("segment"),
            rank,
            phone: text("phone"),
            account_manager,
            collector,
            unusable_addresses,
            ..Customer::default()
        })
    }

    fn date(&self, doc: &Doc, ours: &str, ways: &Ways) -> Result<Option<NaiveDate>, Fault> {
        doc.get(ours).map(|text| ways.date(text).map_err(|e| Fault::new(ours, text, e))).transpose()
    }

    fn amount(&self, doc: &Doc, ours: &str, ways: &Ways) -> Result<Option<Decimal>, Fault> {
        let currency = self.currency(doc)?;
        doc.get(ours).map(|text| ways.amount(text, currency).map_err(|e| Fault::new(ours, text, e))).transpose()
    }

    /// What a row adds to what is open: the open amount, or that of a posting.
    ///
    /// # Errors
    /// It cannot be read, or there is none.
    pub fn open(&self, doc: &Doc, ways: &Ways) -> Result<Decimal, Fault> {
        if self.file.lines == Lines::Sum {
            let debit = self.amount(doc, "debit", ways)?;
            let credit = self.amount(doc, "credit", ways)?;
            return match (self.amount(doc, "amount", ways)?, debit, credit) {
                (Some(amount), ..) => Ok(amount),
                (None, None, None) => Err(Fault::new("amount", "", "it is needed, and it is empty")),
                (None, debit, credit) => Ok(debit.unwrap_or_default() - credit.unwrap_or_default()),
            };
        }
        if let Some(open) = self.amount(doc, "open_balance", ways)? {
            return Ok(open);
        }
        let paid = self.amount(doc, "paid", ways)?;
        let ours = if self.file.columns.contains_key("open_balance") { "open_balance" } else { "total" };
        let total = if ours == "total" || paid.is_some() { self.amount(doc, "total", ways)? } else { None };
        let open = total.map(|total| total - paid.unwrap_or_default());
        open.ok_or_else(|| Fault::new(ours, "", "it is needed, and it is empty"))
    }

    /// What a posting adds to the total: its debit, or what is above zero.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn billed(&self, doc: &Doc, ways: &Ways) -> Result<Decimal, Fault> {
        let billed = match self.amount(doc, "debit", ways)? {
            Some(debit) => debit,
            None => self.open(doc, ways)?,
        };
        Ok(billed.max(Decimal::ZERO))
    }

    /// The invoice.
    ///
    /// # Errors
    /// The first column that makes it unusable (L2).
    pub fn invoice(&self, doc: &Doc, id: String, ways: &Ways) -> Result<InvoiceRow, Fault> {
        let open = self.open(doc, ways)?;
        let total = match self.file.lines {
            Lines::Sum => Some(self.billed(doc, ways)?),
            _ => self.amount(doc, "total", ways)?,
        };
        let issue_date = self.date(doc, "issue_date", ways)?;
        let due_date = match (self.date(doc, "due_date", ways)?, issue_date) {
            (Some(due), _) => due,
            (None, Some(issued)) => {
                let days = self.days_to_pay(doc)?;
                let due = issued.checked_add_days(Days::new(days.into()));
                due.ok_or_else(|| Fault::new("terms", doc.get("terms").unwrap_or_default(), "no calendar goes so far"))?
            }
            (None, None) => return Err(Fault::new("due_date", "", "it is needed, and it is empty")),
        };
        let issue_date = issue_date.unwrap_or(due_date);
        if due_date.checked_add_months(chrono::Months::new(12)).is_some_and(|year_later| year_later < issue_date) {
            let problem = format!("it is more than a year before the issue date {issue_date}");
            return Err(Fault::new("due_date", doc.get("due_date").unwrap_or_default(), problem));
        }
        let text = |ours: &str| doc.get(ours).map(str::to_owned);
        let disputed = doc.get("disputed").map(|d| values::yes_or_no(d).map_err(|e| Fault::new("disputed", d, e)));
        let number = doc.get("number").map(|n| values::id(n).map_err(|e| Fault::new("number", n, e))).transpose()?;
        Ok(InvoiceRow {
            number: number.unwrap_or_else(|| id.clone()),
            id,
            customer_id: self.customer_id(doc).unwrap_or_default().to_owned(),
            issue_date,
            due_date,
            currency: self.currency(doc)?,
            total: total.unwrap_or(open),
            open_balance: Some(open),
            status: self.status(doc)?,
            disputed: disputed.transpose()?.unwrap_or_default(),
            po_number: text("po_number"),
            payment_url: text("payment_url"),
            document_path: text("document_path"),
            extra: doc.extra.clone(),
        })
    }

    fn days_to_pay(&self, doc: &Doc) -> Result<u32, Fault> {
        let Some(terms) = doc.get("terms") else {
            let needed = || Fault::new("due_date", "", "it is needed, and it is empty; terms would do, or `default_due_days`");
            return self.file.default_due_days.ok_or_else(needed);
        };
        let known = self.file.terms.iter().find(|(word, _)| plain(word) == plain(terms)).map(|(_, days)| *days);
        known.or_else(|| net_days(terms)).ok_or_else(|| {
            Fault::new(
                "terms",
                terms,
                "it does not say in how many days the invoice is due; [terms] of the profile can: \"…\" = 30",
            )
        })
    }

    /// Money or a credit note of the customer's. An open one pays no invoice yet; a payment names its own.
    ///
    /// # Errors
    /// The first column that makes it unusable (L2).
    pub fn payment(&self, doc: &Doc, kind: Kind, id: String, ways: &Ways) -> Result<Payment, Fault> {
        let (amount, invoice_id) = if kind == Kind::Payment {
            let ours = ["total", "amount", "open_balance"].into_iter().find(|o| doc.get(o).is_some()).unwrap_or("total");
            let amount = self.amount(doc, ours, ways)?.ok_or_else(|| Fault::new(ours, "", "it is needed, and it is empty"))?;
            (amount, doc.get("pays").map(str::to_owned))
        } else {
            (self.open(doc, ways)?, None)
        };
        let amount = if self.file.credit_sign == CreditSign::Negative { -amount } else { amount };
        let received_on =
            self.date(doc, "issue_date", ways)?.map_or_else(|| self.date(doc, "due_date", ways), |d| Ok(Some(d)))?;
        Ok(Payment {
            id,
            customer_id: self.customer_id(doc).unwrap_or_default().to_owned(),
            invoice_id,
            received_on: received_on.ok_or_else(|| Fault::new("issue_date", "", "it is needed, and it is empty"))?,
            amount,
            currency: self.currency(doc)?,
        })
    }
}
