-- name: set_timers
-- The same timer asked for twice is one; it keeps its first shard, whose owner fires it.
INSERT INTO timers (timer_id, shard, due_at, kind, owner, order_id, subject_id, cause_id)
SELECT * FROM unnest(
    $1::text[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]
)
ON CONFLICT (timer_id) DO NOTHING;

-- name: cancel_timers
-- By key, many at once: most deadlines are called off.
DELETE FROM timers WHERE timer_id = ANY($1::text[]);

-- name: own_shards
-- The fence: the batch that sets and cancels holds the same rows, in the same order.
SELECT partition FROM offsets WHERE topic = $1 AND partition = ANY($2::int[]) ORDER BY topic, partition FOR UPDATE;

-- name: fire_due
-- What is due is taken and said by one statement: a thousand of them cross no wire. What it writes is what the kit would,
-- to the byte, which a test holds against it.
-- The lower bound keeps the scan off entries whose rows were deleted but can't be removed yet, because some old snapshot
-- could still see them; it is a place in the index, since a whole day's deadlines may share one instant. `now` is a
-- parameter: a clock function would hide the bound from the planner.
WITH due AS (
    DELETE FROM timers
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM timers
        WHERE (due_at, timer_id) >= ($2, $3) AND due_at <= $4 AND shard = ANY($1::int[])
        ORDER BY due_at, timer_id
        LIMIT $6
    ))
    RETURNING *
), written AS (
    SELECT *, to_json(order_id)::text AS order_text,
           to_char(due_at, CASE WHEN date_trunc('second', due_at) = due_at THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
                                ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' END) AS due_text
    FROM due
    ORDER BY due_at, timer_id
    OFFSET 0
), said AS (
    INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers)
    SELECT timer_id, 'timer.events', order_id, 'timer.deadline_expired.v1',
           convert_to(
               '{"timer_id":' || to_json(timer_id) || ',"kind":' || to_json(kind) || ',"owner":' || to_json(owner)
               || ',"order_id":' || order_text || ',"subject_id":' || to_json(subject_id)
               || ',"due_at":"' || due_text || '","fired_at":"' || $5::text || '"}',
               'UTF8'
           ),
           (
               '[["ce_specversion","1.0"],["ce_id",' || to_json(timer_id) || '],["ce_source","/recourse/timer"],'
               || '["ce_type","timer.deadline_expired.v1"],["ce_subject",' || order_text || '],'
               || '["ce_time","' || due_text || '"],["content-type","application/json"],'
               || '["ce_correlationid",' || order_text || '],["ce_causationid",' || to_json(cause_id) || ']]'
           )::json
    FROM written
)
SELECT count(*) AS count, (array_agg(timer_id ORDER BY due_at DESC, timer_id DESC))[1] AS last_id,
       max(due_at) AS last_due_at, CASE WHEN count(*) > 0 AND $7::text IS NOT NULL THEN pg_notify($7, '') END AS woken,
       (
           SELECT due_at FROM timers
           WHERE due_at > $4 AND shard = ANY($1::int[])
           ORDER BY due_at, timer_id
           LIMIT 1
       ) AS next_due_at
FROM due;

-- name: next_due
-- One look at the index, from the last one fired on.
SELECT due_at FROM timers
WHERE (due_at, timer_id) >= ($2, $3) AND shard = ANY($1::int[])
ORDER BY due_at, timer_id
LIMIT 1;
