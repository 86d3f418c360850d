-- name: add_late_answers
-- One row an answer, however often it is read: an operator looks here, and no money moves.
INSERT INTO late_answers (order_id, claim_id, source_id, answered_at, read_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
ON CONFLICT DO NOTHING;

-- name: list_late_answers
-- The latest first, as many as a person reads.
SELECT order_id, claim_id, source_id, answered_at, read_at FROM late_answers
ORDER BY read_at DESC, source_id
LIMIT $1;
