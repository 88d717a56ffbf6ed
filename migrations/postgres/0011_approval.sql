-- E-mails that wait for a person's word (T34).

-- Since when a planned contact waits for it, and whose word it is: the customer's collector, if there is one.
ALTER TABLE contact ADD COLUMN asked_on TEXT COLLATE "C";
ALTER TABLE contact ADD COLUMN asks TEXT COLLATE "C";

-- What was asked and answered of each occurrence: an e-mail that is planned afresh without one of its invoices has been
-- approved all the same. Kept for good, but for what was asked and has ended without an answer.
CREATE TABLE approval (
    invoice TEXT COLLATE "C" NOT NULL,
    -- by its present name (T31)
    step TEXT COLLATE "C" NOT NULL,
    occurrence BIGINT NOT NULL,
    round BIGINT NOT NULL,
    customer TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL CHECK (verdict IN ('asked', 'approved', 'rejected')),
    asked_on TEXT COLLATE "C" NOT NULL,
    -- who has answered, when and why
    author TEXT COLLATE "C",
    answered_at TEXT COLLATE "C",
    reason TEXT COLLATE "C",
    PRIMARY KEY (invoice, step, occurrence, round)
);
CREATE INDEX approval_customer ON approval (customer);
