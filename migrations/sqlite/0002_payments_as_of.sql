-- Up to which day the payments of the own ledger are complete (L10): one row, written by `dunningd import`.
CREATE TABLE ledger_freshness (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    payments_as_of TEXT NOT NULL
);
