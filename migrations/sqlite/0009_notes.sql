-- What people note, why invoices are disputed, and which holds have run out.

-- A note about a customer or an invoice. Never changed; its text goes where the law asks for it (D15).
CREATE TABLE note (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    about TEXT NOT NULL CHECK (about IN ('invoice', 'customer')),
    subject TEXT NOT NULL,
    said TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX note_subject ON note (about, subject);

-- Of a dispute: the word of its reason.
ALTER TABLE control ADD COLUMN code TEXT;
-- Of a hold with an end: the day on which a task has told that it is over. Those of the past are told.
ALTER TABLE control ADD COLUMN told_on TEXT;
UPDATE control SET told_on = until WHERE kind = 'hold' AND until < date('now');
