-- What a backtest reads: what was said about orders on which claims were filed, and when deadlines came. All by the
-- read-only role, in one snapshot, sorted by order as strings are compared in Python.

-- name: orders_claimed
-- On how many orders a claim was filed, accepted or not.
SELECT count(DISTINCT aggregateid) FROM (
    SELECT aggregateid FROM claims.outbox_sent WHERE type IN ('claims.claim_filed.v1', 'claims.claim_refused.v1')
    UNION ALL
    SELECT aggregateid FROM claims.outbox WHERE type IN ('claims.claim_filed.v1', 'claims.claim_refused.v1')
) AS claimed;

-- name: told
-- The facts that one service said about them, in its order. `read_at`: what its clock is known to have shown by then; a
-- timer's command is dated by the clock, and positions are drawn as time goes on.
WITH said AS (
    SELECT position, id, aggregatetype, aggregateid, type, payload, headers FROM {service}.outbox_sent
    WHERE aggregatetype IN ('{service}.events', 'timer.commands')
    UNION ALL
    SELECT position, id, aggregatetype, aggregateid, type, payload, headers FROM {service}.outbox
    WHERE aggregatetype IN ('{service}.events', 'timer.commands')
),
clock AS (
    SELECT position, aggregatetype,
           max(CASE WHEN aggregatetype = 'timer.commands'
               THEN (jsonb_path_query_first(headers::jsonb, 'strict $[*] ? (@[0] == "ce_time")[1]') #>> '{{}}')::timestamptz
               END) OVER (ORDER BY position) AS shown
    FROM said
),
claimed AS (
    SELECT aggregateid FROM claims.outbox_sent WHERE type IN ('claims.claim_filed.v1', 'claims.claim_refused.v1')
    UNION
    SELECT aggregateid FROM claims.outbox WHERE type IN ('claims.claim_filed.v1', 'claims.claim_refused.v1')
),
dated AS (
    SELECT position, id, aggregateid, type, payload,
           (jsonb_path_query_first(headers::jsonb, 'strict $[*] ? (@[0] == "ce_time")[1]') #>> '{{}}')::timestamptz AS at,
           jsonb_path_query_first(headers::jsonb, 'strict $[*] ? (@[0] == "ce_causationid")[1]') #>> '{{}}' AS causation_id
    FROM said JOIN claimed USING (aggregateid) WHERE aggregatetype = '{service}.events'
)
SELECT aggregateid COLLATE "C" AS key, position, id, type, payload, at, greatest(at, shown) AS read_at, causation_id
FROM dated JOIN clock USING (position)
ORDER BY 1, position;

-- name: fired
-- When deadlines of those orders came.
WITH claimed AS (
    SELECT aggregateid FROM claims.outbox_sent WHERE type IN ('claims.claim_filed.v1', 'claims.claim_refused.v1')
    UNION
    SELECT aggregateid FROM claims.outbox WHERE type IN ('claims.claim_filed.v1', 'claims.claim_refused.v1')
)
SELECT aggregateid COLLATE "C" AS key, payload FROM (
    SELECT aggregateid, payload FROM {service}.outbox_sent WHERE type = 'timer.deadline_expired.v1'
    UNION ALL
    SELECT aggregateid, payload FROM {service}.outbox WHERE type = 'timer.deadline_expired.v1'
) AS expired JOIN claimed USING (aggregateid)
ORDER BY 1;
