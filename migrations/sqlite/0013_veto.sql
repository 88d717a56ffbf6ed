-- E-mails that leave unless somebody objects (T34).

-- Silence lets a planned contact leave.
ALTER TABLE contact ADD COLUMN veto INTEGER NOT NULL DEFAULT 0 CHECK (veto IN (0, 1));

-- Of what somebody was told before it leaves: each occurrence that a digest or a forewarning has named. Kept for good. It counts
-- once the relay has taken that e-mail, which is a contact of the log.
CREATE TABLE forewarned (
    -- the e-mail that tells it
    contact TEXT NOT NULL REFERENCES contact (id),
    invoice TEXT NOT NULL,
    -- by its present name (T31)
    step TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    round INTEGER NOT NULL,
    customer TEXT NOT NULL,
    -- from when on it leaves if nobody objects, as the e-mail says: the day, and the hour in the timetable's zone; NULL: it
    -- waits for a word
    leaves_on TEXT,
    leaves_from TEXT,
    -- 0: what was asked has ended meanwhile, and is asked anew
    counts INTEGER NOT NULL DEFAULT 1 CHECK (counts IN (0, 1)),
    PRIMARY KEY (contact, invoice, step, occurrence, round)
) STRICT, WITHOUT ROWID;
CREATE INDEX forewarned_customer ON forewarned (customer);
CREATE INDEX forewarned_invoice ON forewarned (invoice);
