-- name: lock_addresses
-- A mail for somebody unknown and the news of their address may be written at once, each not seeing the other: the
-- mail would wait for ever. So who adds such mails holds a lock shared, who brings an address holds it alone. There
-- are 64 of them, so that a batch holds few; they are taken in order, after all rows, so that nobody waits in a ring.
SELECT CASE WHEN brings THEN pg_advisory_xact_lock(hashtext('recourse addresses'), bucket)
            ELSE pg_advisory_xact_lock_shared(hashtext('recourse addresses'), bucket) END
FROM (
    SELECT hashtext(party_id) & 63 AS bucket, bool_or(brings) AS brings
    FROM unnest($1::text[], $2::bool[]) AS party (party_id, brings)
    WHERE brings OR NOT EXISTS (SELECT FROM state WHERE kind = 'account' AND key = party_id)
    GROUP BY 1 ORDER BY 1
) AS buckets;

-- name: add_mails
-- In the order given. The same mail wanted again (a fact read twice) is the same row.
INSERT INTO mails
    (notification_id, party_id, order_id, template, cause_id, time_zone, at, facts, quotes, status, next_attempt_at)
SELECT notification_id, party_id, order_id, template, cause_id, time_zone, at,
       CASE WHEN a.body ->> 'shape' = 'erased' THEN NULL ELSE facts END, quotes,
       CASE WHEN a.body IS NULL THEN 'waiting' WHEN a.body ->> 'shape' = 'erased' THEN 'erased' ELSE 'due' END,
       $10::timestamptz
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::jsonb[],
            $9::text[])
    WITH ORDINALITY
    AS m (notification_id, party_id, order_id, template, cause_id, time_zone, at, facts, quotes, place)
LEFT JOIN state AS a ON a.kind = 'account' AND a.key = party_id
ORDER BY place
ON CONFLICT (notification_id) DO NOTHING;

-- name: release_waiting
-- Their address is known now.
UPDATE mails SET status = 'due', next_attempt_at = $2 WHERE status = 'waiting' AND party_id = ANY($1::text[]);

-- name: erase_mails
-- They get none any more. One that is being sent just now is waited for.
UPDATE mails SET status = 'erased', facts = NULL, last_error = NULL, parked_at = NULL
WHERE party_id = ANY($1::text[]) AND status IN ('waiting', 'due', 'parked');

-- name: erase_quotes
-- What they wrote on these orders goes from mails to others: the message, and the reason of a return.
UPDATE mails SET facts = facts || '{"message": {"text": null, "is_cut": false}}'
                  || CASE WHEN facts ? 'reason' THEN '{"reason": null}'::jsonb ELSE '{}' END
WHERE quotes = $1 AND quotes IS NOT NULL AND order_id = ANY($2::text[]) AND status IN ('waiting', 'due', 'parked');

-- name: account
SELECT body FROM state WHERE kind = 'account' AND key = $1;

-- name: take_due
-- Locked until they are sent and said to be: a process that dies leaves them to the next, and several share the work.
-- The lower bound keeps the scan off entries of mails that were sent and can't be removed yet.
SELECT m.notification_id, m.party_id, m.order_id, m.template, m.cause_id, m.time_zone, m.at, m.facts, m.attempts,
       a.body AS account
FROM (
    SELECT * FROM mails WHERE status = 'due' AND next_attempt_at >= $1 AND next_attempt_at <= $2
    ORDER BY next_attempt_at, position LIMIT $3 FOR UPDATE SKIP LOCKED
) AS m
LEFT JOIN state AS a ON a.kind = 'account' AND a.key = m.party_id
ORDER BY m.next_attempt_at, m.position;

-- name: settle_mails
-- What was sent is not kept; it follows from its cause.
UPDATE mails AS m
SET status = s.status, attempts = s.attempts, next_attempt_at = s.next_attempt_at, last_error = s.last_error,
    sent_at = s.sent_at, parked_at = CASE WHEN s.status = 'parked' THEN $7::timestamptz END,
    facts = CASE WHEN s.status IN ('sent', 'erased') THEN NULL ELSE m.facts END
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::text[], $6::timestamptz[])
    AS s (notification_id, status, attempts, next_attempt_at, last_error, sent_at)
WHERE m.notification_id = s.notification_id;

-- name: put_off
-- The server is away: whose first turn it was counts as tried, once each. They stay due, and go when it is back.
UPDATE mails SET attempts = 1, last_error = $3
WHERE notification_id IN (
    SELECT notification_id FROM mails
    WHERE status = 'due' AND next_attempt_at >= $1 AND next_attempt_at <= $2 AND attempts = 0
    FOR UPDATE SKIP LOCKED
);

-- name: next_due
-- One look at the index, from the mark on.
SELECT next_attempt_at FROM mails WHERE status = 'due' AND next_attempt_at >= $1
ORDER BY next_attempt_at, position LIMIT 1;

-- name: settle_parked
-- An operator's word on parked mails: sent again, as one never tried, or left out for good.
UPDATE mails AS m
SET status = CASE WHEN again THEN 'due' ELSE 'skipped' END, attempts = 0, next_attempt_at = $3, parked_at = NULL,
    facts = CASE WHEN again THEN facts END
FROM unnest($1::uuid[], $2::bool[]) AS s (notification_id, again)
WHERE m.notification_id = s.notification_id AND m.status = 'parked'
RETURNING m.notification_id;

-- name: count_parked
SELECT count(*) FROM mails WHERE status = 'parked';
