-- The worklist: when a task is to be done, what came of it, and what it follows from.

-- The day by which it is to be done; NULL: the day on which it appeared.
ALTER TABLE contact ADD COLUMN due_on TEXT;
-- What came of a task that is done: reached, voicemail, promise and the like.
ALTER TABLE contact ADD COLUMN result TEXT;
-- The contact whose invoices it is about: of a next try the first one.
ALTER TABLE contact ADD COLUMN origin TEXT REFERENCES contact (id);
-- A task that covers no invoice is found by the one that leads it.
CREATE INDEX contact_task_lead ON contact (lead) WHERE kind = 'task';
CREATE INDEX contact_task_origin ON contact (origin) WHERE origin IS NOT NULL;
