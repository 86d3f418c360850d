-- name: seller
-- A seller's days, as performance keeps them.
SELECT schema_version, body FROM performance.state WHERE kind = 'seller' AND key = $1 AND body IS NOT NULL;

-- name: trend
-- One row a day that something is of, whatever marketplace: by the key.
SELECT day, sum(released)::bigint AS released, sum(defective)::bigint AS defective, sum(canceled)::bigint AS canceled,
       sum(contacts)::bigint AS contacts, sum(answered)::bigint AS answered
FROM performance.daily WHERE seller_id = $1 AND day BETWEEN $2 AND $3
GROUP BY day ORDER BY day;

-- name: behind
-- What is behind a number, the latest first: of the days that the number is of, and of nothing else.
SELECT counts, day, order_id, name, claim_id, contact_id, stands, contest_id, contest
FROM performance.counted
JOIN unnest($3::date[], $4::text[], $5::text[]) AS reached (day, marketplace_id, policy_id)
    USING (day, marketplace_id, policy_id)
WHERE seller_id = $1 AND counts = ANY($2::text[])
ORDER BY day DESC, order_id, counts, name
LIMIT $6;
