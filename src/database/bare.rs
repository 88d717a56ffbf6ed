//! A table that is filled for the first time: on SQLite without its indexes and triggers meanwhile. An index that is made of all
//! rows is made in their order; one that grows with them is written all over, and a trigger runs for each of them.

use super::dialect::Dialect;
use super::{DatabaseError, Tx};
use crate::vals;

/// What was taken off a table, as SQL that makes it again.
#[derive(Debug, Default)]
#[must_use = "what was taken off has to be put on again"]
pub struct TakenOff(Vec<String>);

impl TakenOff {
    /// Whether there was nothing to take off: PostgreSQL keeps all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }
}

impl Tx {
    /// Takes the indexes and triggers off a table. Like all else it is undone by a rollback.
    ///
    /// # Errors
    /// The database's own.
    pub async fn lay_bare(&mut self, table: &str) -> Result<TakenOff, DatabaseError> {
        if self.dialect() == Dialect::Postgres {
            return Ok(TakenOff::default());
        }
        // What a key needs has no SQL of its own, and stays.
        let sql =
            "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = $1 AND type IN ('index', 'trigger') AND sql IS NOT NULL";
        let mut taken = TakenOff::default();
        for row in self.all(sql, vals![table]).await? {
            self.run(format!("DROP {} \"{}\"", row.text("type")?, row.text("name")?), vec![]).await?;
            taken.0.push(row.text("sql")?);
        }
        Ok(taken)
    }

    /// Puts them on again. What the triggers would have done is the caller's.
    ///
    /// # Errors
    /// The database's own.
    pub async fn put_on(&mut self, taken: TakenOff) -> Result<(), DatabaseError> {
        for sql in taken.0 {
            self.run(sql, vec![]).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;

    async fn schema(tx: &mut Tx) -> Vec<String> {
        let rows = tx.all("SELECT type || name || tbl_name || coalesce(sql, '') AS all_of_it FROM sqlite_schema", vec![]).await;
        let mut all: Vec<String> = rows.unwrap().iter().map(|r| r.text("all_of_it").unwrap()).collect();
        all.sort();
        all
    }

    #[tokio::test]
    async fn what_is_taken_off_is_put_on_again_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::scratch(&folder.path().join("x.db")).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let before = schema(&mut tx).await;
        for (table, its_own) in [("ledger_customer", 3), ("ledger_invoice", 4), ("ledger_payment", 6)] {
            let taken = tx.lay_bare(table).await.unwrap();
            assert_eq!((taken.0.len(), taken.is_nothing()), (its_own, false), "{table}: {taken:?}");
            let bare = schema(&mut tx).await;
            assert_eq!(bare.len(), before.len() - its_own);
            tx.put_on(taken).await.unwrap();
            assert_eq!(schema(&mut tx).await, before);
        }
    }
}
