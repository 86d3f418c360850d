-- Mails that are wanted: `waiting` for the address of their party, `due` from `next_attempt_at` on (real time),
-- `sent`, or `parked` for an operator. `facts` is what the mail tells; `at` is when its cause happened.
CREATE TABLE mails (
    notification_id uuid PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY,
    party_id text NOT NULL,
    order_id text NOT NULL,
    template text NOT NULL,
    cause_id text NOT NULL,
    time_zone text NOT NULL,
    at timestamptz NOT NULL,
    facts jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'due', 'sent', 'parked')),
    attempts int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    last_error text,
    sent_at timestamptz
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
-- What is sent next, and nothing else: mails that wait for an address, were sent or are parked cost nothing here.
CREATE INDEX mails_due ON mails (next_attempt_at, position) WHERE status = 'due';
CREATE INDEX mails_waiting ON mails (party_id) WHERE status = 'waiting';
