-- Whether a note tells of a reply of the customer: what follows an unanswered e-mail does not come then (T33).
ALTER TABLE note ADD COLUMN reply BIGINT NOT NULL DEFAULT 0 CHECK (reply IN (0, 1));
