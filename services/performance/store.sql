-- name: sellers_of
-- Whose orders these are: commands and deadlines do not say. Read before the rows are locked; an order never changes
-- its seller.
SELECT key, body #>> '{dossier,order,seller_id}' AS seller_id
FROM state WHERE kind = 'order' AND key = ANY($1::text[]);

-- name: put_counted
-- The last word of a batch on each thing; what was counted keeps its row when it is taken back.
INSERT INTO counted (
    seller_id, counts, day, order_id, name, marketplace_id, policy_id, claim_id, contact_id, stands, contest_id, contest
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::boolean[], $11::text[], $12::text[]
)
ON CONFLICT (seller_id, counts, day, order_id, name)
DO UPDATE SET stands = excluded.stands, contest_id = excluded.contest_id, contest = excluded.contest;

-- name: add_daily
-- By how much a batch changes each day, added up before: a hot seller gets cheaper, not dearer.
INSERT INTO daily (seller_id, marketplace_id, day, released, defective, canceled, contacts, answered)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::date[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]
)
ON CONFLICT (seller_id, day, marketplace_id)
DO UPDATE SET released = daily.released + excluded.released,
              defective = daily.defective + excluded.defective,
              canceled = daily.canceled + excluded.canceled,
              contacts = daily.contacts + excluded.contacts,
              answered = daily.answered + excluded.answered;
