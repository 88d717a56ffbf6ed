-- Copies of an invoice that a customer has asked for (an event, T20).

-- The day on which it was asked for last, and how often it was: each copy is an occurrence of its own.
ALTER TABLE invoice_fact ADD COLUMN copy_asked_on TEXT COLLATE "C";
ALTER TABLE invoice_fact ADD COLUMN copies BIGINT NOT NULL DEFAULT 0;

CREATE FUNCTION wake_copy_asked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM wake(ARRAY[NEW.customer]);
    RETURN NULL;
END $$;
CREATE TRIGGER wake_copy_asked AFTER UPDATE OF copies ON invoice_fact FOR EACH ROW EXECUTE FUNCTION wake_copy_asked();
