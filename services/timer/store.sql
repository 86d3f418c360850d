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

-- name: take_due
-- The lower bound keeps the index scan off entries whose rows were deleted but can't be removed yet, because some
-- old snapshot could still see them. `now` is a parameter: a clock function would hide the bound from the planner.
DELETE FROM timers
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM timers
    WHERE due_at >= $2 AND due_at <= $3 AND shard = ANY($1::int[])
    ORDER BY due_at, timer_id
    LIMIT $4
))
RETURNING timer_id, shard, due_at, kind, owner, order_id, subject_id, cause_id;

-- name: next_due
-- One look at the index, from the last one fired on.
SELECT due_at FROM timers WHERE due_at >= $2 AND shard = ANY($1::int[]) ORDER BY due_at, timer_id LIMIT 1;
