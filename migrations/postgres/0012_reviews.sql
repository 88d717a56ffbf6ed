-- The credit reviews: which customer was looked at in which period, and what it was like then.
CREATE TABLE review (
    customer TEXT COLLATE "C" NOT NULL,
    -- the first day of the period
    period TEXT COLLATE "C" NOT NULL,
    -- the day of the review; what comes after it is what has changed by the next one
    made_on TEXT COLLATE "C" NOT NULL,
    -- its task; NULL: there was nothing to look at
    contact TEXT COLLATE "C" REFERENCES contact (id),
    -- what was open and how late it paid, as JSON; NULL: there was nothing to look at
    figures TEXT COLLATE "C",
    PRIMARY KEY (customer, period)
);
