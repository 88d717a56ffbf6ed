-- The credit reviews: which customer was looked at in which period, and what it was like then.
CREATE TABLE review (
    customer TEXT NOT NULL,
    -- the first day of the period
    period TEXT NOT NULL,
    -- the day of the review; what comes after it is what has changed by the next one
    made_on TEXT NOT NULL,
    -- its task; NULL: there was nothing to look at
    contact TEXT REFERENCES contact (id),
    -- what was open and how late it paid, as JSON; NULL: there was nothing to look at
    figures TEXT,
    PRIMARY KEY (customer, period)
) STRICT, WITHOUT ROWID;
