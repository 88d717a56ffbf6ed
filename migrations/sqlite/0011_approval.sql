-- E-mails that wait for a person's word (T34).

-- Since when a planned contact waits for it, and whose word it is: the customer's collector, if there is one.
ALTER TABLE contact ADD COLUMN asked_on TEXT;
ALTER TABLE contact ADD COLUMN asks TEXT;

-- What was asked and answered of each occurrence: an e-mail that is planned afresh without one of its invoices has been
-- approved all the same. Kept for good, but for what was asked and has ended without an answer.
CREATE TABLE approval (
    invoice TEXT NOT NULL,
    -- by its present name (T31)
    step TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    round INTEGER NOT NULL,
    customer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('asked', 'approved', 'rejected')),
    asked_on TEXT NOT NULL,
    -- who has answered, when and why
    author TEXT,
    answered_at TEXT,
    reason TEXT,
    PRIMARY KEY (invoice, step, occurrence, round)
) STRICT;
CREATE INDEX approval_customer ON approval (customer);
