-- When each customer of the own ledger has to be looked at again, so that a poll costs what is due and not what there is
-- (L7). The database itself says who is to be looked at because something has changed: no writer can forget to.
CREATE TABLE customer_agenda (
    customer TEXT PRIMARY KEY,
    -- the first day on which something may be due; empty: at the next poll
    look_on TEXT NOT NULL,
    -- counts the changes: what is found out about an older state does not put a customer to sleep
    woken INTEGER NOT NULL,
    -- as the last poll that looked has seen it (T27)
    in_ledger INTEGER NOT NULL CHECK (in_ledger IN (0, 1)),
    open_invoices INTEGER NOT NULL,
    invoices INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_agenda_look_on ON customer_agenda (look_on);

-- What is inserted here is to be looked at.
CREATE VIEW wake AS SELECT customer FROM customer_agenda;
CREATE TRIGGER wake_one INSTEAD OF INSERT ON wake BEGIN
    INSERT INTO customer_agenda (customer, look_on, woken, in_ledger, open_invoices, invoices)
    VALUES (NEW.customer, '', 1, 0, 0, 0)
    ON CONFLICT (customer) DO UPDATE SET look_on = '', woken = woken + 1;
END;

INSERT INTO wake (customer) SELECT id FROM ledger_customer UNION SELECT customer_id FROM ledger_invoice;

CREATE TRIGGER wake_customer_new AFTER INSERT ON ledger_customer BEGIN
    INSERT INTO wake (customer) VALUES (NEW.id);
END;
CREATE TRIGGER wake_customer_changed AFTER UPDATE ON ledger_customer BEGIN
    INSERT INTO wake (customer) VALUES (NEW.id);
END;
CREATE TRIGGER wake_customer_gone AFTER DELETE ON ledger_customer BEGIN
    INSERT INTO wake (customer) VALUES (OLD.id);
END;
CREATE TRIGGER wake_invoice_new AFTER INSERT ON ledger_invoice BEGIN
    INSERT INTO wake (customer) VALUES (NEW.customer_id);
END;
CREATE TRIGGER wake_invoice_changed AFTER UPDATE ON ledger_invoice BEGIN
    INSERT INTO wake (customer) VALUES (NEW.customer_id);
    INSERT INTO wake (customer) SELECT OLD.customer_id WHERE OLD.customer_id <> NEW.customer_id;
END;
CREATE TRIGGER wake_invoice_gone AFTER DELETE ON ledger_invoice BEGIN
    INSERT INTO wake (customer) VALUES (OLD.customer_id);
END;
-- Of a payment also the customer of its invoice, where that is another one.
CREATE TRIGGER wake_payment_new AFTER INSERT ON ledger_payment BEGIN
    INSERT INTO wake (customer) VALUES (NEW.customer_id);
    INSERT INTO wake (customer) SELECT customer_id FROM ledger_invoice WHERE id = NEW.invoice_id AND customer_id <> NEW.customer_id;
END;
CREATE TRIGGER wake_payment_changed AFTER UPDATE ON ledger_payment BEGIN
    INSERT INTO wake (customer) SELECT NEW.customer_id UNION SELECT OLD.customer_id
        UNION SELECT customer_id FROM ledger_invoice WHERE id IN (NEW.invoice_id, OLD.invoice_id);
END;
CREATE TRIGGER wake_payment_gone AFTER DELETE ON ledger_payment BEGIN
    INSERT INTO wake (customer) SELECT OLD.customer_id UNION SELECT customer_id FROM ledger_invoice WHERE id = OLD.invoice_id;
END;

-- What people enter, and what ends.
CREATE TRIGGER wake_control_new AFTER INSERT ON control BEGIN
    INSERT INTO wake (customer) SELECT NEW.subject WHERE NEW.about = 'customer'
        UNION SELECT customer FROM invoice_fact WHERE NEW.about = 'invoice' AND invoice = NEW.subject
        UNION SELECT customer_id FROM ledger_invoice WHERE NEW.about = 'invoice' AND id = NEW.subject;
END;
CREATE TRIGGER wake_control_changed AFTER UPDATE ON control BEGIN
    INSERT INTO wake (customer) SELECT NEW.subject WHERE NEW.about = 'customer'
        UNION SELECT customer FROM invoice_fact WHERE NEW.about = 'invoice' AND invoice = NEW.subject
        UNION SELECT customer_id FROM ledger_invoice WHERE NEW.about = 'invoice' AND id = NEW.subject;
END;
-- A contact that was done and is not any more: cancelled, or waiting again. What waits is looked at without this.
CREATE TRIGGER wake_contact AFTER UPDATE OF state ON contact
    WHEN NEW.state IN ('cancelled', 'planned', 'queued', 'retrying') OR OLD.state IN ('open', 'snoozed', 'in-doubt') BEGIN
    INSERT INTO wake (customer) SELECT customer FROM contact_invoice WHERE contact = NEW.id UNION SELECT NEW.customer;
END;
CREATE TRIGGER wake_taken_out AFTER UPDATE OF standing ON contact_invoice WHEN NEW.standing = 'gone' BEGIN
    INSERT INTO wake (customer) VALUES (NEW.customer);
END;
-- An address that may be written to again: its customers are not known here, so everybody is looked at.
CREATE TRIGGER wake_everybody AFTER UPDATE OF lifted_at ON suppression BEGIN
    DELETE FROM state WHERE key = 'agenda';
END;

CREATE INDEX ledger_payment_received ON ledger_payment (received_on);
