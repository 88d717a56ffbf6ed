-- The own ledger (L5, L6) and the contact log (D1, D14, T9).
-- The same tables as for SQLite, and a test compares them. Text is compared byte by byte, whatever the database's language.
-- Dates are ISO 8601 text, instants are UTC text of a fixed width (text order is time order), amounts are exact decimal
-- text, truth values are 0 and 1.

-- The own ledger, filled by `dunningd import`. `extra` is a JSON object of the columns that dunningd does not know.
CREATE TABLE ledger_customer (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    cc TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C",
    country TEXT COLLATE "C",
    segment TEXT COLLATE "C",
    rank TEXT COLLATE "C",
    phone TEXT COLLATE "C",
    account_manager TEXT COLLATE "C",
    collector TEXT COLLATE "C",
    do_not_contact BIGINT NOT NULL CHECK (do_not_contact IN (0, 1)),
    credit_limit TEXT COLLATE "C",
    unallocated_credit TEXT COLLATE "C" NOT NULL,
    extra TEXT COLLATE "C" NOT NULL
);

CREATE TABLE ledger_invoice (
    id TEXT COLLATE "C" PRIMARY KEY,
    number TEXT COLLATE "C" NOT NULL,
    customer_id TEXT COLLATE "C" NOT NULL,
    issue_date TEXT COLLATE "C" NOT NULL,
    due_date TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    total TEXT COLLATE "C" NOT NULL,
    -- NULL: the total less the payments
    open_balance TEXT COLLATE "C",
    status TEXT COLLATE "C" NOT NULL CHECK (status IN ('open', 'paid', 'void', 'draft')),
    disputed BIGINT NOT NULL CHECK (disputed IN (0, 1)),
    po_number TEXT COLLATE "C",
    payment_url TEXT COLLATE "C",
    document_path TEXT COLLATE "C",
    extra TEXT COLLATE "C" NOT NULL
);

CREATE TABLE ledger_payment (
    id TEXT COLLATE "C" PRIMARY KEY,
    customer_id TEXT COLLATE "C" NOT NULL,
    invoice_id TEXT COLLATE "C",
    received_on TEXT COLLATE "C" NOT NULL,
    amount TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL
);

-- One contact: an e-mail, a notice or a task. What was decided is here; how it went is in contact_event.
CREATE TABLE contact (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('email', 'notice', 'task')),
    -- past-due, coming-due, an event's word, notice, task: what T16 and T22 tell apart
    merged_as TEXT COLLATE "C" NOT NULL,
    -- the template of an e-mail or notice, the word of a task
    action TEXT COLLATE "C" NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    occurrence BIGINT NOT NULL,
    date TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('planned', 'queued', 'sending', 'sent', 'retrying', 'failed', 'in-doubt', 'cancelled',
                                         'skipped', 'open', 'done', 'snoozed')),
    reason TEXT COLLATE "C",
    rule TEXT COLLATE "C" NOT NULL,
    customer TEXT COLLATE "C" NOT NULL,
    segment TEXT COLLATE "C" NOT NULL,
    recipients TEXT COLLATE "C" NOT NULL,
    cc TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C",
    lead TEXT COLLATE "C" NOT NULL,
    message_id TEXT COLLATE "C",
    -- the Message-ID under which the relay passed it on, where that is another one (Amazon SES)
    relay_message_id TEXT COLLATE "C",
    message_sha256 TEXT COLLATE "C",
    -- where the bytes of the last try are kept: the pack, the first byte and the number of bytes within it (D14)
    message_pack TEXT COLLATE "C",
    message_offset BIGINT,
    message_length BIGINT,
    -- out of doubt, the same bytes are sent again (D2)
    resend BIGINT NOT NULL DEFAULT 0 CHECK (resend IN (0, 1)),
    -- the daemon that has claimed it, or is or was sending it: the fencing token (D7)
    daemon TEXT COLLATE "C",
    attempts BIGINT NOT NULL DEFAULT 0,
    -- not before this instant (retrying)
    not_before TEXT COLLATE "C",
    relay_reply TEXT COLLATE "C",
    -- that day included (tasks)
    snoozed_until TEXT COLLATE "C",
    note TEXT COLLATE "C",
    created_at TEXT COLLATE "C" NOT NULL,
    changed_at TEXT COLLATE "C" NOT NULL,
    CHECK ((kind = 'task') = (state IN ('open', 'done', 'snoozed')) OR state IN ('skipped', 'cancelled')),
    CHECK (state <> 'sending' OR message_id IS NOT NULL)
);
CREATE INDEX contact_by_customer ON contact (customer, date);
CREATE INDEX contact_state ON contact (state);
-- what waits to be sent, in the order in which it was planned
CREATE INDEX contact_waits ON contact (id) WHERE state IN ('planned', 'queued', 'retrying');
CREATE INDEX contact_sent ON contact (date) WHERE kind = 'email' AND state IN ('sent', 'in-doubt', 'sending');

-- The occurrences that a contact covers, the lead first.
CREATE TABLE contact_invoice (
    contact TEXT COLLATE "C" NOT NULL REFERENCES contact (id),
    position BIGINT NOT NULL,
    invoice TEXT COLLATE "C" NOT NULL,
    customer TEXT COLLATE "C" NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    -- what the step is called now: a step that is renamed takes its history along (T31)
    step_now TEXT COLLATE "C" NOT NULL,
    occurrence BIGINT NOT NULL,
    -- how often T18 has re-opened the occurrence
    round BIGINT NOT NULL,
    days BIGINT,
    days_past_due BIGINT NOT NULL,
    open_balance TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    due_date TEXT COLLATE "C" NOT NULL,
    -- the day on which it joined a review that was open already (T24); NULL: with the contact
    joined_on TEXT COLLATE "C",
    -- counts: it is being done or done (T9); skipped: written once; gone: cancelled, or taken out before it left (T26)
    standing TEXT COLLATE "C" NOT NULL CHECK (standing IN ('counts', 'skipped', 'gone')),
    PRIMARY KEY (contact, position)
);
CREATE INDEX contact_invoice_step_now ON contact_invoice (step_now);
-- T9: never twice, whatever else changes. The database says so, not a query.
CREATE UNIQUE INDEX once ON contact_invoice (invoice, step_now, occurrence, round) WHERE standing = 'counts';
CREATE INDEX contact_invoice_invoice ON contact_invoice (invoice);
CREATE UNIQUE INDEX skipped_once ON contact_invoice (invoice, step_now, occurrence) WHERE standing = 'skipped';

-- Every change of a contact, appended and never changed (D14). Each event's hash is made of the hash before it, its own
-- columns and the commitment; the commitment is made of the salt and of what may have to be forgotten (D15).
CREATE TABLE contact_event (
    number BIGINT PRIMARY KEY,
    contact TEXT COLLATE "C" NOT NULL REFERENCES contact (id),
    at TEXT COLLATE "C" NOT NULL,
    from_state TEXT COLLATE "C",
    to_state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    relay_reply TEXT COLLATE "C",
    -- JSON: what the contact was when it was made or handed over
    content TEXT COLLATE "C",
    -- NULL: forgotten
    salt TEXT COLLATE "C",
    commitment TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL
);
CREATE INDEX contact_event_of ON contact_event (contact);
CREATE INDEX contact_event_intents ON contact_event (at) WHERE to_state = 'sending';

-- The newest event: whoever appends takes this row first, so that the chain has one end (D14).
CREATE TABLE log_head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL
);
INSERT INTO log_head (one, number, hash) VALUES (1, 0, '');

-- The bytes of messages, those of one commit together and compressed (zstd): reminders resemble each other (D14).
CREATE TABLE message_pack (
    id TEXT COLLATE "C" PRIMARY KEY,
    at TEXT COLLATE "C" NOT NULL,
    bytes BYTEA NOT NULL
);
CREATE INDEX message_pack_at ON message_pack (at);

-- The daemons at work, each for as long as its lease lasts by the database's clock (D7).
CREATE TABLE daemon (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- host and process, for people
    name TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of the timetable that it works by
    timetable TEXT COLLATE "C" NOT NULL,
    started_at TEXT COLLATE "C" NOT NULL,
    seen_at TEXT COLLATE "C" NOT NULL,
    lease_until TEXT COLLATE "C" NOT NULL,
    -- its connections to the relay, of `max_connections` for all (D6)
    connections BIGINT NOT NULL,
    -- its lease is over for good: its token is worth nothing any more
    ended_at TEXT COLLATE "C"
);
CREATE INDEX daemon_alive ON daemon (lease_until) WHERE ended_at IS NULL;

-- What the last believed poll saw of each invoice (T20, T27).
CREATE TABLE invoice_fact (
    invoice TEXT COLLATE "C" PRIMARY KEY,
    customer TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    first_seen TEXT COLLATE "C" NOT NULL,
    open_balance TEXT COLLATE "C" NOT NULL,
    open BIGINT NOT NULL CHECK (open IN (0, 1)),
    in_read BIGINT NOT NULL CHECK (in_read IN (0, 1)),
    seen_open BIGINT NOT NULL CHECK (seen_open IN (0, 1)),
    disputed BIGINT NOT NULL CHECK (disputed IN (0, 1)),
    part_paid TEXT COLLATE "C" NOT NULL,
    last_payment TEXT COLLATE "C",
    promise_ended TEXT COLLATE "C",
    paid_on TEXT COLLATE "C",
    partly_paid_on TEXT COLLATE "C",
    promise_broken_on TEXT COLLATE "C",
    disputed_on TEXT COLLATE "C"
);
CREATE INDEX invoice_fact_customer ON invoice_fact (customer);
CREATE INDEX invoice_fact_open ON invoice_fact (invoice) WHERE open = 1;
CREATE INDEX invoice_fact_paid ON invoice_fact (last_payment) WHERE paid_on IS NOT NULL;

-- The earliest issue date ever seen of a customer (T6).
CREATE TABLE customer_fact (
    customer TEXT COLLATE "C" PRIMARY KEY,
    earliest_issue TEXT COLLATE "C" NOT NULL
);

-- What people entered: holds, promises and disputes. Ended, never deleted.
CREATE TABLE control (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('hold', 'promise', 'dispute')),
    about TEXT COLLATE "C" NOT NULL CHECK (about IN ('invoice', 'customer')),
    subject TEXT COLLATE "C" NOT NULL,
    -- hold: that day included; promise: the promised day
    until TEXT COLLATE "C",
    amount TEXT COLLATE "C",
    note TEXT COLLATE "C",
    author TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    ended_at TEXT COLLATE "C",
    ended_by TEXT COLLATE "C"
);
CREATE UNIQUE INDEX control_in_force ON control (kind, about, subject) WHERE ended_at IS NULL;

-- Addresses that no e-mail goes to, with the relay's reply as evidence (D4).
CREATE TABLE suppression (
    address TEXT COLLATE "C" NOT NULL,
    evidence TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C",
    created_at TEXT COLLATE "C" NOT NULL,
    lifted_at TEXT COLLATE "C",
    lifted_by TEXT COLLATE "C",
    lifted_reason TEXT COLLATE "C"
);
CREATE UNIQUE INDEX suppression_in_force ON suppression (address) WHERE lifted_at IS NULL;

-- Every poll: what it read, what it did (T27, T28, T30).
CREATE TABLE poll (
    number BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    -- the slot's local date and time as written in the schedule (T30); NULL: not by the schedule
    slot TEXT COLLATE "C",
    at TEXT COLLATE "C" NOT NULL,
    date TEXT COLLATE "C" NOT NULL,
    believed BIGINT NOT NULL CHECK (believed IN (0, 1)),
    -- counts as a measure for the reads that come (T27)
    is_measure BIGINT NOT NULL CHECK (is_measure IN (0, 1)),
    customers BIGINT NOT NULL,
    open_invoices BIGINT NOT NULL,
    -- JSON object: the payments of each of the last 90 days
    payments TEXT COLLATE "C" NOT NULL,
    bad_rows BIGINT NOT NULL,
    -- JSON object of counts by kind and state
    outcome TEXT COLLATE "C" NOT NULL,
    -- what may leave after it: all, notices (T28) or nothing (T27, T29)
    may_deliver TEXT COLLATE "C" NOT NULL CHECK (may_deliver IN ('all', 'notices', 'nothing')),
    problem TEXT COLLATE "C"
);
CREATE UNIQUE INDEX poll_slot ON poll (slot) WHERE slot IS NOT NULL;

-- Single values: go_live (T10), renames (T31), relay pause (D4) and the like. Some rows are there to be held: `planner` by
-- whoever plans, `shares` by whoever counts the daemons' connections, `pace` by whoever counts what has left lately, `controls` by whoever
-- changes what may leave (D7).
CREATE TABLE state (
    key TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);
INSERT INTO state (key, value) VALUES ('planner', ''), ('shares', ''), ('pace', ''), ('controls', '');
