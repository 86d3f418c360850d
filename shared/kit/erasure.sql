-- name: ask_erasures
-- Before any state is locked. Asked again (not a copy), all is looked through once more: a release may know better.
INSERT INTO erasures (party_id, event_id, asked_at, read_at)
SELECT DISTINCT ON (party_id) party_id, event_id, asked_at, $4::timestamptz
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS asked (party_id, event_id, asked_at)
ORDER BY party_id, asked_at DESC
ON CONFLICT (party_id) DO UPDATE
SET event_id = excluded.event_id, asked_at = excluded.asked_at, read_at = excluded.read_at, stage = 'dead_letters',
    after = '{}', dead_letters = 0, held = 0, rows = 0, messages = 0, own = 0, failed = '{}', done_at = NULL
WHERE erasures.event_id <> excluded.event_id;

-- name: erased_among
-- Of those whom a batch names. Asked after its rows are locked: see `fence`.
SELECT party_id FROM erasures WHERE party_id = ANY($1::text[]);

-- name: note_texts
-- Sorted, so that two processes wait for each other and never in a ring.
INSERT INTO texts (party_id, kind, key)
SELECT party_id, kind, key FROM unnest($1::text[], $2::text[], $3::text[]) AS noted (party_id, kind, key)
ORDER BY party_id, kind, key
ON CONFLICT DO NOTHING;

-- name: pending_erasures
-- From an index that holds nothing else.
SELECT event_id FROM erasures WHERE done_at IS NULL ORDER BY read_at, party_id LIMIT 100;

-- name: fence
-- A batch that did not see the erasure had its number before this one has its own: it locks rows before it asks.
SELECT pg_current_xact_id()::text::bigint;

-- name: oldest_transaction
-- Every transaction with a lower number has ended.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint;

-- name: take_erasure
-- One piece of one erasure at a time, whichever process does it. Locked before dead letters and states, as batches do.
SELECT party_id, stage, after FROM erasures
WHERE done_at IS NULL AND event_id = ANY($1::text[])
ORDER BY read_at, party_id LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: move_erasure
-- How far it is, and what was done.
UPDATE erasures
SET stage = $2, after = $3::text[], dead_letters = dead_letters + $4, held = held + $5, rows = rows + $6,
    messages = messages + $7, own = own + $8, failed = failed || $9::text[],
    done_at = CASE WHEN $2 = 'done' THEN $10::timestamptz END
WHERE party_id = $1;

-- name: dead_letters_after
-- All of them, also those that were retried or skipped: in each there may be somebody's name.
SELECT dl_id, topic, partition, "offset", timestamp_ms, record_key, value, headers, rule, message
FROM dead_letters WHERE dl_id > $1 AND erased_at IS NULL ORDER BY dl_id LIMIT $2 FOR UPDATE;

-- name: bodies
-- As they stand, without a lock: only to see whose they are.
SELECT key, schema_version, body FROM state WHERE kind = $1 AND key = ANY($2::text[]);

-- name: rewrite_dead_letters
-- Their places and reasons stay.
UPDATE dead_letters AS d
SET record_key = w.record_key, value = w.value, headers = w.headers, erased_at = CASE WHEN w.blank THEN $6::timestamptz END
FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::json[], $5::bool[]) AS w (dl_id, record_key, value, headers, blank)
WHERE d.dl_id = w.dl_id;

-- name: rewrite_copies_to_send
-- What follows is a move of the relay's in one statement: it is met here, or found in the next table.
UPDATE outbox AS o SET record_key = w.record_key, payload = w.payload, headers = w.headers
FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::json[]) AS w (id, record_key, payload, headers)
WHERE o.aggregateid IS NULL AND o.id = w.id;

-- name: rewrite_copies_parked
-- The same of what Kafka refused.
UPDATE outbox_parked AS o SET record_key = w.record_key, payload = w.payload, headers = w.headers
FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::json[]) AS w (id, record_key, payload, headers)
WHERE o.aggregateid IS NULL AND o.id = w.id;

-- name: rewrite_copies_sent
-- Last: nothing leaves here.
UPDATE outbox_sent AS o SET record_key = w.record_key, payload = w.payload, headers = w.headers
FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::json[]) AS w (id, record_key, payload, headers)
WHERE o.aggregateid IS NULL AND o.id = w.id;

-- name: held_after
-- Without their states' locks: a batch that takes one away meanwhile has erased what it read of it.
SELECT id, kind, key, topic, partition, "offset", timestamp_ms, record_key, value, headers
FROM held WHERE id > $1 ORDER BY id LIMIT $2;

-- name: rewrite_held
-- They go on waiting.
UPDATE held AS h SET record_key = w.record_key, value = w.value, headers = w.headers
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::json[]) AS w (id, record_key, value, headers)
WHERE h.id = w.id;

-- name: blank_errors
-- An error may repeat what it was about.
UPDATE parked_keys AS p SET error = $3
FROM unnest($1::text[], $2::text[]) AS w (kind, key) WHERE p.kind = w.kind AND p.key = w.key;

-- name: texts_after
-- The rows that hold somebody's texts, from the index itself.
SELECT kind, key FROM texts
WHERE party_id = $1 AND (kind, key) > ($2, $3) ORDER BY kind, key LIMIT $4;

-- name: messages_to_send
-- Of these keys and types. Asked before what was sent: the relay moves rows from here to there. The queue is short, and
-- read whole: an index by key would cost every message that is ever said.
SELECT aggregateid, position, type, payload FROM outbox
WHERE aggregateid = ANY($1::text[]) AND type = ANY($2::text[]) ORDER BY position;

-- name: rewrite_messages_to_send
-- One that was sent meanwhile is no longer here: it is met among what was sent.
UPDATE outbox AS o SET payload = w.payload
FROM unnest($1::bigint[], $2::bytea[]) AS w (position, payload) WHERE o.position = w.position;

-- name: messages_parked
-- The same of what Kafka refused.
SELECT aggregateid, position, type, payload FROM outbox_parked
WHERE aggregateid = ANY($1::text[]) AND type = ANY($2::text[]) ORDER BY position;

-- name: rewrite_messages_parked
-- And the same again.
UPDATE outbox_parked AS o SET payload = w.payload
FROM unnest($1::bigint[], $2::bytea[]) AS w (position, payload) WHERE o.position = w.position;

-- name: messages_sent
-- By their keys' index, in each day's partition.
SELECT sent_on, aggregateid, position, type, payload FROM outbox_sent
WHERE aggregateid = ANY($1::text[]) AND type = ANY($2::text[]);

-- name: rewrite_messages_sent
-- The day finds the partition.
UPDATE outbox_sent AS o SET payload = w.payload
FROM unnest($1::date[], $2::text[], $3::bigint[], $4::bytea[]) AS w (sent_on, aggregateid, position, payload)
WHERE o.sent_on = w.sent_on AND o.aggregateid = w.aggregateid AND o.position = w.position;

-- name: erasure
-- What was done for one person.
SELECT dead_letters, held, rows, messages, own, failed FROM erasures WHERE party_id = $1;
