-- Where a row of the own ledger comes from: `source` is the import profile that owns it (NULL: files that need none), so that a
-- file that is whole closes only what came by its profile; `origin` the file and line that changed it last.
ALTER TABLE ledger_customer ADD COLUMN source TEXT COLLATE "C";
ALTER TABLE ledger_customer ADD COLUMN origin TEXT COLLATE "C";
ALTER TABLE ledger_invoice ADD COLUMN source TEXT COLLATE "C";
ALTER TABLE ledger_invoice ADD COLUMN origin TEXT COLLATE "C";
ALTER TABLE ledger_payment ADD COLUMN source TEXT COLLATE "C";
ALTER TABLE ledger_payment ADD COLUMN origin TEXT COLLATE "C";
