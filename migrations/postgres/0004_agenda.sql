-- When each customer of the own ledger has to be looked at again, so that a poll costs what is due and not what there is
-- (L7). The database itself says who is to be looked at because something has changed: no writer can forget to.
CREATE TABLE customer_agenda (
    customer TEXT COLLATE "C" PRIMARY KEY,
    -- the first day on which something may be due; empty: at the next poll
    look_on TEXT COLLATE "C" NOT NULL,
    -- counts the changes: what is found out about an older state does not put a customer to sleep
    woken BIGINT NOT NULL,
    -- as the last poll that looked has seen it (T27)
    in_ledger BIGINT NOT NULL CHECK (in_ledger IN (0, 1)),
    open_invoices BIGINT NOT NULL,
    invoices BIGINT NOT NULL
);
CREATE INDEX customer_agenda_look_on ON customer_agenda (look_on);

CREATE FUNCTION wake(who TEXT[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO customer_agenda (customer, look_on, woken, in_ledger, open_invoices, invoices)
    SELECT one, '', 1, 0, 0, 0 FROM (SELECT DISTINCT one FROM unnest(who) one WHERE one IS NOT NULL) ones ORDER BY one
    ON CONFLICT (customer) DO UPDATE SET look_on = '', woken = customer_agenda.woken + 1
$$;

SELECT wake(ARRAY(SELECT id FROM ledger_customer UNION SELECT customer_id FROM ledger_invoice));

CREATE FUNCTION wake_customer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM wake(ARRAY[CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END]);
    RETURN NULL;
END $$;
CREATE TRIGGER wake_customer AFTER INSERT OR UPDATE OR DELETE ON ledger_customer FOR EACH ROW EXECUTE FUNCTION wake_customer();

CREATE FUNCTION wake_invoice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN PERFORM wake(ARRAY[OLD.customer_id]);
    ELSIF TG_OP = 'INSERT' THEN PERFORM wake(ARRAY[NEW.customer_id]);
    ELSE PERFORM wake(ARRAY[OLD.customer_id, NEW.customer_id]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER wake_invoice AFTER INSERT OR UPDATE OR DELETE ON ledger_invoice FOR EACH ROW EXECUTE FUNCTION wake_invoice();

-- Of a payment also the customer of its invoice, where that is another one.
CREATE FUNCTION wake_payment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM wake(ARRAY(SELECT OLD.customer_id UNION SELECT customer_id FROM ledger_invoice WHERE id = OLD.invoice_id));
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM wake(ARRAY(SELECT NEW.customer_id UNION SELECT customer_id FROM ledger_invoice WHERE id = NEW.invoice_id));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER wake_payment AFTER INSERT OR UPDATE OR DELETE ON ledger_payment FOR EACH ROW EXECUTE FUNCTION wake_payment();

-- What people enter, and what ends.
CREATE FUNCTION wake_control() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.about = 'customer' THEN PERFORM wake(ARRAY[NEW.subject]);
    ELSE
        PERFORM wake(ARRAY(SELECT customer FROM invoice_fact WHERE invoice = NEW.subject
                           UNION SELECT customer_id FROM ledger_invoice WHERE id = NEW.subject));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER wake_control AFTER INSERT OR UPDATE ON control FOR EACH ROW EXECUTE FUNCTION wake_control();

-- A contact that was done and is not any more: cancelled, or waiting again. What waits is looked at without this.
CREATE FUNCTION wake_contact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM wake(ARRAY(SELECT customer FROM contact_invoice WHERE contact = NEW.id UNION SELECT NEW.customer));
    RETURN NULL;
END $$;
CREATE TRIGGER wake_contact AFTER UPDATE OF state ON contact FOR EACH ROW
    WHEN (NEW.state IN ('cancelled', 'planned', 'queued', 'retrying') OR OLD.state IN ('open', 'snoozed', 'in-doubt'))
    EXECUTE FUNCTION wake_contact();
CREATE FUNCTION wake_taken_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM wake(ARRAY[NEW.customer]);
    RETURN NULL;
END $$;
CREATE TRIGGER wake_taken_out AFTER UPDATE OF standing ON contact_invoice FOR EACH ROW
    WHEN (NEW.standing = 'gone') EXECUTE FUNCTION wake_taken_out();

-- An address that may be written to again: its customers are not known here, so everybody is looked at.
CREATE FUNCTION wake_everybody() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM state WHERE key = 'agenda';
    RETURN NULL;
END $$;
CREATE TRIGGER wake_everybody AFTER UPDATE OF lifted_at ON suppression FOR EACH ROW EXECUTE FUNCTION wake_everybody();

CREATE INDEX ledger_payment_received ON ledger_payment (received_on);
