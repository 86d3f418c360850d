-- name: read_offset
-- A look before the transaction, to compare the log with what was applied last. No lock: the lock comes later and
-- checks that the row has not moved.
SELECT next_offset, last_offset, last_timestamp_ms, last_hash
FROM offsets WHERE topic = $1 AND partition = $2;

-- name: make_offsets
-- A partition's first batch makes its row; two processes may try at once.
INSERT INTO offsets (topic, partition, first_offset, next_offset)
SELECT topic, partition, next_offset, next_offset
FROM unnest($1::text[], $2::int[], $3::bigint[]) AS wanted (topic, partition, next_offset)
ORDER BY topic, partition
ON CONFLICT DO NOTHING;

-- name: begin_batch
-- The fence: whoever holds these rows is the one that applies these partitions now. Locked in order of topic and
-- partition, before any other row, everywhere. Behind it, ids are noted: sorted, so that two processes wait for each
-- other and never in a ring. Returned are those that were seen before, which are few.
WITH fence AS MATERIALIZED (
    SELECT topic, partition, next_offset FROM offsets
    WHERE (topic, partition) IN (SELECT * FROM unnest($1::text[], $2::int[]))
    ORDER BY topic, partition
    FOR UPDATE
), fresh AS (
    INSERT INTO seen (source, id, seen_on)
    SELECT source, id, $5::date
    FROM unnest($3::text[], $4::text[]) AS ids (source, id)
    WHERE (SELECT count(*) FROM fence) >= 0  -- the fence is taken first
    ORDER BY source, id
    ON CONFLICT DO NOTHING
    RETURNING source, id
)
SELECT topic, partition, next_offset, NULL AS source, NULL AS id FROM fence
UNION ALL
SELECT NULL, NULL, NULL, source, id FROM (
    SELECT * FROM unnest($3::text[], $4::text[]) AS ids (source, id) EXCEPT SELECT source, id FROM fresh
) AS before;

-- name: load_states
-- Every row that the batch touches, locked in the order given: main kind first, hot rows (such as stock) last,
-- sorted by key within a kind. Outbox positions are drawn after this, so a key's earlier position is visible first.
-- Each kind's keys lie in a piece of $2, and are found in one walk along the index, in place of a search for each.
SELECT s.kind, s.key, s.version, s.sequence, s.schema_version, s.heard, s.body
FROM unnest($1::text[], $3::int[], $4::int[]) AS wanted (kind, first, last)
CROSS JOIN LATERAL (
    SELECT * FROM state
    WHERE state.kind = wanted.kind AND state.key = ANY(($2::text[])[wanted.first:wanted.last])
    ORDER BY state.kind, state.key
    FOR UPDATE
) AS s;

-- name: load_held
-- What waits for these keys, in the order in which it came.
SELECT h.id, h.kind, h.key, h.why, h.held_at, h.topic, h.partition, h."offset", h.timestamp_ms, h.record_key, h.value, h.headers
FROM held AS h
JOIN unnest($1::text[], $2::text[]) AS wanted (kind, key) USING (kind, key)
ORDER BY h.id;

-- name: hold_records
-- Ids are drawn in the order given: what waits for a key runs again in the order in which it came.
INSERT INTO held (kind, key, why, held_at, topic, partition, "offset", timestamp_ms, record_key, value, headers)
SELECT kind, key, why, $11::timestamptz, topic, partition, "offset", timestamp_ms, record_key, value, headers
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::bigint[], $8::bytea[],
            $9::bytea[], $10::json[])
    WITH ORDINALITY
    AS h (kind, key, why, topic, partition, "offset", timestamp_ms, record_key, value, headers, place)
ORDER BY place;

-- name: keep_holding
-- A command that waited behind a parked fact may wait for its order now, and be refused in time.
UPDATE held SET why = w.why FROM unnest($1::bigint[], $2::text[]) AS w (id, why) WHERE held.id = w.id;

-- name: release_held
-- What has run, was a copy or was left out.
DELETE FROM held WHERE id = ANY($1::bigint[]);

-- name: overdue_commands
-- Keys whose first command has waited for its order longer than the setting allows.
SELECT DISTINCT kind, key FROM held WHERE why = 'order' AND held_at <= $1 LIMIT 1000;

-- name: bury
-- The same record read again after a crash has the same place, so the same id.
INSERT INTO dead_letters
    (dl_id, topic, partition, "offset", timestamp_ms, record_key, value, headers, rule, message, died_at, kind, key,
     erased_at)
SELECT dl_id, topic, partition, "offset", timestamp_ms, record_key, value, headers, rule, message, $10::timestamptz,
       kind, key, CASE WHEN erased = 1 THEN $10::timestamptz END
FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bytea[], $8::json[],
            $9::text[], $11::text[], $12::text[], $13::text[], $14::int[])
    AS d (dl_id, topic, partition, "offset", timestamp_ms, record_key, value, headers, rule, message, kind, key, erased)
ON CONFLICT DO NOTHING;

-- name: named_dead_letters
-- Locked, so that two operators don't retry one letter at once.
SELECT dl_id, topic, partition, "offset", timestamp_ms, record_key, value, headers, kind, key, status,
       erased_at
FROM dead_letters WHERE dl_id = ANY($1::text[])
ORDER BY dl_id FOR UPDATE;

-- name: settle_dead_letters
-- The letters stay, for the list of what was retried and skipped.
UPDATE dead_letters SET status = s.status
FROM unnest($1::text[], $2::text[]) AS s (dl_id, status)
WHERE dead_letters.dl_id = s.dl_id;

-- name: park_keys
-- A key that is parked runs nothing, so it can't be parked twice.
INSERT INTO parked_keys (kind, key, error, parked_at, topic, partition, "offset")
SELECT kind, key, error, $4::timestamptz, topic, partition, "offset"
FROM unnest($1::text[], $2::text[], $3::text[], $5::text[], $6::int[], $7::bigint[])
    AS p (kind, key, error, topic, partition, "offset");

-- name: unpark_keys
-- Before this batch parks its own: a key that is retried may be parked again at once.
DELETE FROM parked_keys WHERE (kind, key) IN (SELECT * FROM unnest($1::text[], $2::text[]));

-- name: parked_with
-- The record that parked the key; others may have waited for it longer.
SELECT topic, partition, "offset" FROM parked_keys WHERE kind = $1 AND key = $2 FOR UPDATE;

-- name: wake_relay
-- One notification a batch, without a word, where the relay is in another process: it reads the table.
SELECT pg_notify($1, '');

-- name: write_batch
-- The states, by one upsert that checks the version loaded: fewer rows saved than sent, which this returns, means that
-- another process was first. What is said; the outbox draws its positions in the order given. And the offsets, with the
-- counts of what became of the records, so that the sum can be checked at any time.
WITH saved AS (
    INSERT INTO state AS s (kind, key, version, sequence, schema_version, heard, body)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::int[], $6::json[], $7::json[])
    ON CONFLICT (kind, key) DO UPDATE
    SET version = excluded.version, sequence = excluded.sequence, schema_version = excluded.schema_version,
        heard = excluded.heard, body = excluded.body
    WHERE s.version = excluded.version - 1
    RETURNING 1
), said AS (
    INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers, record_key)
    SELECT id, aggregatetype, aggregateid, type, payload, headers, record_key
    FROM unnest($8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::json[], $14::bytea[])
        WITH ORDINALITY AS o (id, aggregatetype, aggregateid, type, payload, headers, record_key, place)
    ORDER BY place
), moved AS (
    UPDATE offsets AS o
    SET next_offset = m.next_offset, last_offset = m.last_offset, last_timestamp_ms = m.last_timestamp_ms,
        last_hash = m.last_hash, records = o.records + m.records, applied = o.applied + m.applied,
        copies = o.copies + m.copies, passed_over = o.passed_over + m.passed_over, waiting = o.waiting + m.waiting,
        parked = o.parked + m.parked, dead = o.dead + m.dead, holes = o.holes + m.holes
    FROM unnest($15::text[], $16::int[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bytea[], $21::bigint[],
                $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[], $28::bigint[])
        AS m (topic, partition, next_offset, last_offset, last_timestamp_ms, last_hash, records, applied, copies,
              passed_over, waiting, parked, dead, holes)
    WHERE o.topic = m.topic AND o.partition = m.partition
)
SELECT count(*) AS saved FROM saved;

-- name: lead
-- One relay a service. The lock lives with the session, and the server ends a session that stays silent.
SELECT pg_try_advisory_lock(hashtext('recourse relay'), hashtext(current_schema()));

-- name: read_outbox
-- Always from the lowest row: starting after the last one sent would overtake a commit that came late. $3 is a position
-- below which no row is or can come: it keeps the look off entries whose rows were moved but can't be removed yet. The row
-- that reaches the number of bytes is the last; what lies behind it stays where it is.
SELECT position, id, aggregatetype, aggregateid, payload, headers, record_key
FROM (
    SELECT *, sum(octet_length(payload)) OVER ahead AS bytes_before
    FROM outbox
    WHERE position >= $3
    WINDOW ahead AS (ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ORDER BY position LIMIT $1
) AS lowest
WHERE bytes_before IS NULL OR bytes_before < $2
ORDER BY position;

-- name: outbox_drawn
-- The highest position that was drawn, committed or not.
SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('outbox', 'position')::regclass), 0);

-- name: outbox_writers
-- The transactions that may have drawn a position: whoever appends holds this lock, from before it draws to its end.
SELECT virtualtransaction AS writer FROM pg_locks
WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relation = 'outbox'::regclass AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid();

-- name: move_outbox
-- What Kafka acknowledged is kept, in the same statement that takes it out of the queue.
WITH gone AS (DELETE FROM outbox WHERE position = ANY($1::bigint[]) RETURNING *)
INSERT INTO outbox_sent (position, id, aggregatetype, aggregateid, type, payload, headers, record_key, sent_on)
SELECT position, id, aggregatetype, aggregateid, type, payload, headers, record_key, $2::date FROM gone;

-- name: park_outbox
-- A row that Kafka refuses for good takes the later rows of its key with it, so that their order is kept.
WITH refused AS (SELECT * FROM unnest($1::bigint[], $2::text[]) AS r (position, error)),
     gone AS (DELETE FROM outbox WHERE position = ANY($1::bigint[]) RETURNING *)
INSERT INTO outbox_parked (position, id, aggregatetype, aggregateid, type, payload, headers, record_key, error)
SELECT gone.position, id, aggregatetype, aggregateid, type, payload, headers, record_key, error
FROM gone JOIN refused ON refused.position = gone.position;

-- name: parked_outbox_keys
-- What a relay must know before it sends: the keys whose later messages wait too.
SELECT DISTINCT aggregatetype, aggregateid, record_key FROM outbox_parked;

-- name: forget_seen
-- In small pieces, so that it never holds up a batch.
DELETE FROM seen WHERE ctid IN (SELECT ctid FROM seen WHERE seen_on < $1 LIMIT 10000);

-- name: house_lock
-- Processes that start together would make the same table twice, and the second would fail.
SELECT pg_advisory_xact_lock(hashtext('recourse housekeeping'), hashtext(current_schema()));

-- name: sent_days
-- The partitions by day, by their names.
SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'outbox_sent'::regclass;

-- name: counts
-- What readiness and metrics show of the tables.
SELECT (SELECT count(*) FROM outbox) AS outbox, (SELECT count(*) FROM held WHERE why = 'parked') AS parked,
       (SELECT count(*) FROM dead_letters WHERE status = 'open') AS dead,
       (SELECT count(*) FROM parked_keys) AS parked_keys, (SELECT count(*) FROM held WHERE why <> 'parked') AS waiting,
       (SELECT count(*) FROM outbox_parked) AS outbox_parked,
       (SELECT count(*) FROM erasures WHERE done_at IS NULL) AS erasures;
