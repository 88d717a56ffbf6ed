-- Copies of an invoice that a customer has asked for (an event, T20).

-- The day on which it was asked for last, and how often it was: each copy is an occurrence of its own.
ALTER TABLE invoice_fact ADD COLUMN copy_asked_on TEXT;
ALTER TABLE invoice_fact ADD COLUMN copies INTEGER NOT NULL DEFAULT 0;

CREATE TRIGGER wake_copy_asked AFTER UPDATE OF copies ON invoice_fact BEGIN
    INSERT INTO wake (customer) VALUES (NEW.customer);
END;
