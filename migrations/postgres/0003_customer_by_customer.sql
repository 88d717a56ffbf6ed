-- A poll reads the own ledger customer by customer.
CREATE INDEX ledger_invoice_customer ON ledger_invoice (customer_id);
CREATE INDEX ledger_payment_customer ON ledger_payment (customer_id);
CREATE INDEX ledger_payment_invoice ON ledger_payment (invoice_id) WHERE invoice_id IS NOT NULL;
