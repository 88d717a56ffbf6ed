-- Promises with amounts, and payment plans: kept or broken, part by part.

-- JSON object: what was open on each invoice when the promise was made, as [amount, currency].
ALTER TABLE control ADD COLUMN baseline TEXT;

-- The parts of a promise: one, or the instalments of a plan in the order of their days.
CREATE TABLE promise_part (
    control INTEGER NOT NULL REFERENCES control (id),
    position INTEGER NOT NULL,
    promised_on TEXT NOT NULL,
    -- NULL: all of it
    amount TEXT,
    -- NULL: its day has not come, or the promise was replaced before; dropped: an earlier part was broken
    outcome TEXT CHECK (outcome IN ('kept', 'broken', 'dropped')),
    settled_on TEXT,
    PRIMARY KEY (control, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX promise_part_unsettled ON promise_part (control) WHERE outcome IS NULL;

INSERT INTO promise_part (control, position, promised_on, amount)
SELECT id, 0, until, amount FROM control WHERE kind = 'promise' AND until IS NOT NULL;
