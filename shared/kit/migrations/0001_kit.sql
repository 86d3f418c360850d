-- The tables that every service has. Unqualified names: each service's role sees its own schema only.

-- How far each partition is applied, which record was the last (the fingerprint of the log), and what became of
-- all that was read: read = applied + copies + passed_over + waiting + parked + dead, each record counted once,
-- by what became of it first.
CREATE TABLE offsets (
    topic text NOT NULL,
    partition int NOT NULL,
    first_offset bigint NOT NULL,
    next_offset bigint NOT NULL,
    last_offset bigint,
    last_timestamp_ms bigint,
    last_hash bytea,
    records bigint NOT NULL DEFAULT 0,
    applied bigint NOT NULL DEFAULT 0,
    copies bigint NOT NULL DEFAULT 0,
    passed_over bigint NOT NULL DEFAULT 0,
    waiting bigint NOT NULL DEFAULT 0,
    parked bigint NOT NULL DEFAULT 0,
    dead bigint NOT NULL DEFAULT 0,
    holes bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- Records without a sequence that were applied, so that one sent twice at another offset is known as a copy. One
-- table, not one a day: only a key over all days can refuse a copy that comes on another day than its original.
CREATE TABLE seen (
    source text NOT NULL,
    id text NOT NULL,
    seen_on date NOT NULL,
    PRIMARY KEY (source, id)
);
CREATE INDEX seen_by_day ON seen USING brin (seen_on);

-- One row a thing: an order's dossier and aggregate, a stock, a tracking number, an account. `version` rises by
-- one a save; `sequence` numbers what was said about it; `heard` is what was heard about it last, by topic.
CREATE TABLE state (
    kind text NOT NULL,
    key text NOT NULL,
    version bigint NOT NULL,
    sequence bigint NOT NULL,
    schema_version int NOT NULL,
    heard jsonb NOT NULL,
    body jsonb,
    PRIMARY KEY (kind, key)
) WITH (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.05);

-- Records that were read and can't be applied yet: `order` (a command whose order was not heard of), `gap` (an
-- earlier record of the key is missing), `parked` (the key waits for an operator). In order of arrival.
CREATE TABLE held (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    key text NOT NULL,
    why text NOT NULL CHECK (why IN ('order', 'gap', 'parked')),
    held_at timestamptz NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    timestamp_ms bigint NOT NULL,
    record_key bytea,
    value bytea,
    headers jsonb NOT NULL
);
CREATE INDEX held_by_key ON held (kind, key, id);
CREATE INDEX held_for_an_order ON held (held_at) WHERE why = 'order';

-- Records that could not be read, as found, until an operator retries or skips them.
CREATE TABLE dead_letters (
    dl_id text PRIMARY KEY,
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    timestamp_ms bigint NOT NULL,
    record_key bytea,
    value bytea,
    headers jsonb NOT NULL,
    rule text NOT NULL,
    message text NOT NULL,
    died_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'retried', 'skipped')),
    kind text,
    key text
);
CREATE INDEX dead_letters_open ON dead_letters (died_at) WHERE status = 'open';

-- Keys whose message made `decide` raise, or that PostgreSQL refused: a bug, until an operator retries or skips. The
-- place is that of the record that was first to do so, which waits in `held`.
CREATE TABLE parked_keys (
    kind text NOT NULL,
    key text NOT NULL,
    error text NOT NULL,
    parked_at timestamptz NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    PRIMARY KEY (kind, key)
);

-- What the service says, until Kafka has acknowledged it; the columns of Debezium's outbox event router. Sent in
-- the order of `position`, which is drawn after the key's row is locked.
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid text,
    type text NOT NULL,
    payload bytea,
    headers jsonb NOT NULL,
    record_key bytea
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- What Kafka acknowledged, by day: the record of what was said, for `verify`, the back-test and a lost Kafka.
CREATE TABLE outbox_sent (
    position bigint NOT NULL,
    id text NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid text,
    type text NOT NULL,
    payload bytea,
    headers jsonb NOT NULL,
    record_key bytea,
    sent_on date NOT NULL
) PARTITION BY RANGE (sent_on);
CREATE TABLE outbox_sent_other_days PARTITION OF outbox_sent DEFAULT;
CREATE INDEX outbox_sent_by_key ON outbox_sent (aggregateid);

-- What Kafka refused for good (too large, a topic that is gone), and all that followed it on its key.
CREATE TABLE outbox_parked (
    position bigint PRIMARY KEY,
    id text NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid text,
    type text NOT NULL,
    payload bytea,
    headers jsonb NOT NULL,
    record_key bytea,
    error text NOT NULL
);
