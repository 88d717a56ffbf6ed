-- The own ledger (L5, L6) and the contact log (D1, D14, T9).
-- Dates are ISO 8601 text, instants are UTC text of a fixed width (text order is time order), amounts are exact decimal
-- text, truth values are 0 and 1.

-- The own ledger, filled by `dunningd import`. `extra` is a JSON object of the columns that dunningd does not know.
CREATE TABLE ledger_customer (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    cc TEXT NOT NULL,
    language TEXT,
    country TEXT,
    segment TEXT,
    rank TEXT,
    phone TEXT,
    account_manager TEXT,
    collector TEXT,
    do_not_contact INTEGER NOT NULL CHECK (do_not_contact IN (0, 1)),
    credit_limit TEXT,
    unallocated_credit TEXT NOT NULL,
    extra TEXT NOT NULL
) STRICT;

CREATE TABLE ledger_invoice (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    issue_date TEXT NOT NULL,
    due_date TEXT NOT NULL,
    currency TEXT NOT NULL,
    total TEXT NOT NULL,
    -- NULL: the total less the payments
    open_balance TEXT,
    status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'void', 'draft')),
    disputed INTEGER NOT NULL CHECK (disputed IN (0, 1)),
    po_number TEXT,
    payment_url TEXT,
    document_path TEXT,
    extra TEXT NOT NULL
) STRICT;

CREATE TABLE ledger_payment (
    id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL,
    invoice_id TEXT,
    received_on TEXT NOT NULL,
    amount TEXT NOT NULL,
    currency TEXT NOT NULL
) STRICT;

-- One contact: an e-mail, a notice or a task. What was decided is here; how it went is in contact_event.
CREATE TABLE contact (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('email', 'notice', 'task')),
    -- past-due, coming-due, an event's word, notice, task: what T16 and T22 tell apart
    merged_as TEXT NOT NULL,
    -- the template of an e-mail or notice, the word of a task
    action TEXT NOT NULL,
    step TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    date TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'queued', 'sending', 'sent', 'retrying', 'failed', 'in-doubt', 'cancelled',
                                         'skipped', 'open', 'done', 'snoozed')),
    reason TEXT,
    rule TEXT NOT NULL,
    customer TEXT NOT NULL,
    segment TEXT NOT NULL,
    recipients TEXT NOT NULL,
    cc TEXT NOT NULL,
    language TEXT,
    lead TEXT NOT NULL,
    message_id TEXT,
    -- the Message-ID under which the relay passed it on, where that is another one (Amazon SES)
    relay_message_id TEXT,
    message_sha256 TEXT,
    -- where the bytes of the last try are kept: the pack, the first byte and the number of bytes within it (D14)
    message_pack TEXT,
    message_offset INTEGER,
    message_length INTEGER,
    -- out of doubt, the same bytes are sent again (D2)
    resend INTEGER NOT NULL DEFAULT 0 CHECK (resend IN (0, 1)),
    -- the daemon that has claimed it, or is or was sending it: the fencing token (D7)
    daemon TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- not before this instant (retrying)
    not_before TEXT,
    relay_reply TEXT,
    -- that day included (tasks)
    snoozed_until TEXT,
    note TEXT,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    CHECK ((kind = 'task') = (state IN ('open', 'done', 'snoozed')) OR state IN ('skipped', 'cancelled')),
    CHECK (state <> 'sending' OR message_id IS NOT NULL)
) STRICT;
CREATE INDEX contact_by_customer ON contact (customer, date);
CREATE INDEX contact_state ON contact (state);
-- what waits to be sent, in the order in which it was planned
CREATE INDEX contact_waits ON contact (id) WHERE state IN ('planned', 'queued', 'retrying');
CREATE INDEX contact_sent ON contact (date) WHERE kind = 'email' AND state IN ('sent', 'in-doubt', 'sending');

-- The occurrences that a contact covers, the lead first.
CREATE TABLE contact_invoice (
    contact TEXT NOT NULL REFERENCES contact (id),
    position INTEGER NOT NULL,
    invoice TEXT NOT NULL,
    customer TEXT NOT NULL,
    step TEXT NOT NULL,
    -- what the step is called now: a step that is renamed takes its history along (T31)
    step_now TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    -- how often T18 has re-opened the occurrence
    round INTEGER NOT NULL,
    days INTEGER,
    days_past_due INTEGER NOT NULL,
    open_balance TEXT NOT NULL,
    currency TEXT NOT NULL,
    due_date TEXT NOT NULL,
    -- the day on which it joined a review that was open already (T24); NULL: with the contact
    joined_on TEXT,
    -- counts: it is being done or done (T9); skipped: written once; gone: cancelled, or taken out before it left (T26)
    standing TEXT NOT NULL CHECK (standing IN ('counts', 'skipped', 'gone')),
    PRIMARY KEY (contact, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_invoice_step_now ON contact_invoice (step_now);
-- T9: never twice, whatever else changes. The database says so, not a query.
CREATE UNIQUE INDEX once ON contact_invoice (invoice, step_now, occurrence, round) WHERE standing = 'counts';
CREATE INDEX contact_invoice_invoice ON contact_invoice (invoice);
CREATE UNIQUE INDEX skipped_once ON contact_invoice (invoice, step_now, occurrence) WHERE standing = 'skipped';

-- Every change of a contact, appended and never changed (D14). Each event's hash is made of the hash before it, its own
-- columns and the commitment; the commitment is made of the salt and of what may have to be forgotten (D15).
CREATE TABLE contact_event (
    number INTEGER PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contact (id),
    at TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    reason TEXT,
    relay_reply TEXT,
    -- JSON: what the contact was when it was made or handed over
    content TEXT,
    -- NULL: forgotten
    salt TEXT,
    commitment TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX contact_event_of ON contact_event (contact);
CREATE INDEX contact_event_intents ON contact_event (at) WHERE to_state = 'sending';

-- The newest event: whoever appends takes this row first, so that the chain has one end (D14).
CREATE TABLE log_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;
INSERT INTO log_head (one, number, hash) VALUES (1, 0, '');

-- The bytes of messages, those of one commit together and compressed (zstd): reminders resemble each other (D14).
CREATE TABLE message_pack (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE INDEX message_pack_at ON message_pack (at);

-- The daemons at work, each for as long as its lease lasts by the database's clock (D7).
CREATE TABLE daemon (
    id TEXT PRIMARY KEY,
    -- host and process, for people
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    -- SHA-256 of the timetable that it works by
    timetable TEXT NOT NULL,
    started_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    lease_until TEXT NOT NULL,
    -- its connections to the relay, of `max_connections` for all (D6)
    connections INTEGER NOT NULL,
    -- its lease is over for good: its token is worth nothing any more
    ended_at TEXT
) STRICT;
CREATE INDEX daemon_alive ON daemon (lease_until) WHERE ended_at IS NULL;

-- What the last believed poll saw of each invoice (T20, T27).
CREATE TABLE invoice_fact (
    invoice TEXT PRIMARY KEY,
    customer TEXT NOT NULL,
    currency TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    open_balance TEXT NOT NULL,
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    in_read INTEGER NOT NULL CHECK (in_read IN (0, 1)),
    seen_open INTEGER NOT NULL CHECK (seen_open IN (0, 1)),
    disputed INTEGER NOT NULL CHECK (disputed IN (0, 1)),
    part_paid TEXT NOT NULL,
    last_payment TEXT,
    promise_ended TEXT,
    paid_on TEXT,
    partly_paid_on TEXT,
    promise_broken_on TEXT,
    disputed_on TEXT
) STRICT;
CREATE INDEX invoice_fact_customer ON invoice_fact (customer);
CREATE INDEX invoice_fact_open ON invoice_fact (invoice) WHERE open = 1;
CREATE INDEX invoice_fact_paid ON invoice_fact (last_payment) WHERE paid_on IS NOT NULL;

-- The earliest issue date ever seen of a customer (T6).
CREATE TABLE customer_fact (
    customer TEXT PRIMARY KEY,
    earliest_issue TEXT NOT NULL
) STRICT;

-- What people entered: holds, promises and disputes. Ended, never deleted.
CREATE TABLE control (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('hold', 'promise', 'dispute')),
    about TEXT NOT NULL CHECK (about IN ('invoice', 'customer')),
    subject TEXT NOT NULL,
    -- hold: that day included; promise: the promised day
    until TEXT,
    amount TEXT,
    note TEXT,
    author TEXT NOT NULL,
    created_at TEXT NOT NULL,
    ended_at TEXT,
    ended_by TEXT
) STRICT;
CREATE UNIQUE INDEX control_in_force ON control (kind, about, subject) WHERE ended_at IS NULL;

-- Addresses that no e-mail goes to, with the relay's reply as evidence (D4). Lifted, never deleted.
CREATE TABLE suppression (
    address TEXT NOT NULL,
    evidence TEXT NOT NULL,
    contact TEXT,
    created_at TEXT NOT NULL,
    lifted_at TEXT,
    lifted_by TEXT,
    lifted_reason TEXT
) STRICT;
CREATE UNIQUE INDEX suppression_in_force ON suppression (address) WHERE lifted_at IS NULL;

-- Every poll: what it read, what it did (T27, T28, T30).
CREATE TABLE poll (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    -- the slot's local date and time as written in the schedule (T30); NULL: not by the schedule
    slot TEXT,
    at TEXT NOT NULL,
    date TEXT NOT NULL,
    believed INTEGER NOT NULL CHECK (believed IN (0, 1)),
    -- counts as a measure for the reads that come (T27)
    is_measure INTEGER NOT NULL CHECK (is_measure IN (0, 1)),
    customers INTEGER NOT NULL,
    open_invoices INTEGER NOT NULL,
    -- JSON object: the payments of each of the last 90 days
    payments TEXT NOT NULL,
    bad_rows INTEGER NOT NULL,
    -- JSON object of counts by kind and state
    outcome TEXT NOT NULL,
    -- what may leave after it: all, notices (T28) or nothing (T27, T29)
    may_deliver TEXT NOT NULL CHECK (may_deliver IN ('all', 'notices', 'nothing')),
    problem TEXT
) STRICT;
CREATE UNIQUE INDEX poll_slot ON poll (slot) WHERE slot IS NOT NULL;

-- Single values: go_live (T10), renames (T31), relay pause (D4) and the like. Some rows are there to be held: `planner` by
-- whoever plans, `shares` by whoever counts the daemons' connections, `pace` by whoever counts what has left lately, `controls` by whoever
-- changes what may leave (D7).
CREATE TABLE state (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO state (key, value) VALUES ('planner', ''), ('shares', ''), ('pace', ''), ('controls', '');
