-- Whose texts are in which row: written with the message that brought them, and only then, so that an erasure finds
-- them without reading everything. A row of kind '' names a key under which something was said, of which no row is kept.
CREATE TABLE texts (
    party_id text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    PRIMARY KEY (party_id, kind, key)
);

-- People whose data is to go, and who stay erased: what comes later for them is erased as it comes. The work is done in
-- stages, in pieces, each with its transaction: `after` is the last of the stage's rows that is done. `failed` names what
-- raised an error, and holds its text still.
CREATE TABLE erasures (
    party_id text PRIMARY KEY,
    event_id text NOT NULL,
    asked_at timestamptz NOT NULL,
    read_at timestamptz NOT NULL,
    stage text NOT NULL DEFAULT 'dead_letters' CHECK (stage IN ('dead_letters', 'held', 'rows', 'done')),
    after text[] NOT NULL DEFAULT '{}',
    dead_letters bigint NOT NULL DEFAULT 0,
    held bigint NOT NULL DEFAULT 0,
    rows bigint NOT NULL DEFAULT 0,
    messages bigint NOT NULL DEFAULT 0,
    own bigint NOT NULL DEFAULT 0,
    failed text[] NOT NULL DEFAULT '{}',
    done_at timestamptz
);
CREATE INDEX erasures_pending ON erasures (read_at, party_id) WHERE done_at IS NULL;

-- A dead letter whose data is erased has nothing left to retry.
ALTER TABLE dead_letters ADD COLUMN erased_at timestamptz;
-- The copies of dead letters, among what was sent, by their id: nothing else is said without a key.
CREATE INDEX outbox_sent_without_key ON outbox_sent (id) WHERE aggregateid IS NULL;
