//! The pages of the own ledger: while one of them is planned, the next one is read.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use tokio::task::JoinHandle;

use super::agenda::{self, Totals};
use super::own;
use super::reading::{Page, Which, Who};
use crate::database::{DatabaseError, Tx};

/// So many customers are looked at together.
const CUSTOMERS: u32 = 500;

/// All pages come from the same transaction.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) tx: Tx,
    as_of: NaiveDate,
    payments_wanted: Option<NaiveDate>,
    which: Which,
    at: At,
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    After(String),
    Place(usize),
    End,
}

impl At {
    fn beginning(which: &Which) -> Self {
        match which {
            Which::These(ids, _) if ids.is_empty() => Self::End,
            Which::These(..) => Self::Place(0),
            _ => Self::After(String::new()),
        }
    }
}

impl Pages {
    pub(super) fn new(tx: Tx, as_of: NaiveDate, payments_wanted: Option<NaiveDate>, which: Which) -> Self {
        let at = At::beginning(&which);
        Self { tx, as_of, payments_wanted, which, at }
    }

    fn rewind(&mut self) {
        self.at = At::beginning(&self.which);
    }

    async fn turn(&mut self) -> Result<Option<Page>, DatabaseError> {
        let Self { tx, as_of, payments_wanted, which, at } = self;
        let whose = match (&*which, &*at) {
            (_, At::End) => return Ok(None),
            (Which::These(ids, _), At::Place(begin)) => {
                let end = ids.len().min(begin + CUSTOMERS as usize);
                let some = ids[*begin..end].to_vec();
                *at = if end == ids.len() { At::End } else { At::Place(end) };
                Who::These(some)
            }
            (_, At::Place(_)) => return Ok(None),
            (which, At::After(after)) => {
                let upto = match which {
                    Which::OnePage => None,
                    _ => own::last_of_page(tx, after, CUSTOMERS).await?,
                };
                let whose = Who::Between(after.clone(), upto.clone());
                *at = upto.map_or(At::End, At::After);
                whose
            }
        };
        let snapshot = own::read_of(tx, *as_of, whose.whose(), *payments_wanted).await?;
        let (before, to_come) = match which {
            Which::OnePage => (HashMap::new(), HashMap::new()),
            _ => (agenda::load(tx, whose.whose()).await?, agenda::to_come(tx, *as_of, whose.whose()).await?),
        };
        Ok(Some(Page { snapshot: Arc::new(snapshot), whose, before, to_come }))
    }
}

/// Reads one page ahead.
#[derive(Debug)]
pub(super) struct Ahead {
    state: State,
    is_one_page: bool,
    totals: Option<Totals>,
}

type Found = (Box<Pages>, Result<Option<Page>, DatabaseError>);

#[derive(Debug)]
enum State {
    Here(Box<Pages>),
    Reading(JoinHandle<Found>),
    Read(Found),
    /// The program ends.
    Lost,
}

impl Ahead {
    pub(super) fn new(pages: Pages) -> Self {
        let totals = match &pages.which {
            Which::These(_, totals) => Some(totals.clone()),
            _ => None,
        };
        Self { is_one_page: matches!(pages.which, Which::OnePage), totals, state: State::Here(Box::new(pages)) }
    }

    pub(super) fn is_one_page(&self) -> bool {
        self.is_one_page
    }

    /// What the last poll has seen of everybody, where not everybody is looked at.
    pub(super) fn totals(&self) -> Option<&Totals> {
        self.totals.as_ref()
    }

    pub(super) async fn next(&mut self) -> Result<Option<Page>, DatabaseError> {
        self.come_to_rest().await?;
        let (mut pages, page) = match std::mem::replace(&mut self.state, State::Lost) {
            State::Here(mut pages) => {
                let page = pages.turn().await;
                (pages, page)
            }
            State::Read(found) => found,
            State::Reading(_) | State::Lost => return Err(lost()),
        };
        self.state = if page.is_ok() && pages.at != At::End {
            State::Reading(tokio::spawn(async move {
                let page = pages.turn().await;
                (pages, page)
            }))
        } else {
            State::Here(pages)
        };
        page
    }

    /// The pages, while none of them is being read.
    pub(super) async fn at_rest(&mut self) -> Result<&mut Pages, DatabaseError> {
        self.come_to_rest().await?;
        match &mut self.state {
            State::Here(pages) | State::Read((pages, _)) => Ok(pages),
            State::Reading(_) | State::Lost => Err(lost()),
        }
    }

    /// Begins again.
    pub(super) async fn rewind(&mut self) -> Result<(), DatabaseError> {
        self.come_to_rest().await?;
        match std::mem::replace(&mut self.state, State::Lost) {
            State::Here(mut pages) | State::Read((mut pages, _)) => {
                pages.rewind();
                self.state = State::Here(pages);
                Ok(())
            }
            State::Reading(_) | State::Lost => Err(lost()),
        }
    }

    async fn come_to_rest(&mut self) -> Result<(), DatabaseError> {
        if let State::Reading(task) = &mut self.state {
            self.state = match task.await.map_err(tokio::task::JoinError::try_into_panic) {
                Ok(found) => State::Read(found),
                Err(Ok(panic)) => std::panic::resume_unwind(panic),
                Err(Err(_)) => State::Lost,
            };
        }
        Ok(())
    }
}

fn lost() -> DatabaseError {
    DatabaseError::Copy(std::io::Error::other("the program ends"))
}
