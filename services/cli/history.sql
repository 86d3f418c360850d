-- name: said_about
-- What one service has said under these keys, sent or not, found by the index on the key. Written once, asked for all
-- services in one statement ({service} is the name of a schema, from a closed list).
SELECT '{service}' AS service, position, id, aggregatetype AS topic, aggregateid AS key, type, payload, headers,
       true AS is_sent
FROM {service}.outbox_sent WHERE aggregateid = ANY($1::text[])
UNION ALL
SELECT '{service}', position, id, aggregatetype, aggregateid, type, payload, headers, false
FROM {service}.outbox WHERE aggregateid = ANY($1::text[]);

-- name: is_order
-- Whether an id is the key of anything that was said about orders.
SELECT FROM (
    SELECT FROM {service}.outbox_sent WHERE aggregateid = $1 AND aggregatetype = ANY($2::text[]) LIMIT 1
) AS sent
UNION ALL
SELECT FROM (
    SELECT FROM {service}.outbox WHERE aggregateid = $1 AND aggregatetype = ANY($2::text[]) LIMIT 1
) AS unsent;

-- name: said_of_seller
-- Under a seller's key stand all of the seller's orders: only the rows that name the order are wanted.
SELECT '{service}' AS service, position, id, aggregatetype AS topic, aggregateid AS key, type, payload, headers,
       true AS is_sent
FROM {service}.outbox_sent WHERE aggregateid = ANY($1::text[]) AND position(convert_to($2, 'UTF8') IN payload) > 0
UNION ALL
SELECT '{service}', position, id, aggregatetype, aggregateid, type, payload, headers, false
FROM {service}.outbox WHERE aggregateid = ANY($1::text[]) AND position(convert_to($2, 'UTF8') IN payload) > 0;

-- name: mentions
-- Which keys a word is said under: an id of anything but an order. Nothing indexes what is inside of messages, so this
-- reads all of them; it stops early, because more than a few orders are no answer to "which order is it?".
SELECT DISTINCT key FROM (
    SELECT aggregateid AS key FROM {service}.outbox_sent
    WHERE (id = $1 OR position(convert_to($2, 'UTF8') IN payload) > 0)
      AND aggregatetype = ANY($3::text[]) AND aggregateid IS NOT NULL
    LIMIT 1000
) AS found;

-- name: waiting_for
-- Records of an order that were read and can't be applied yet, or could not be read at all.
SELECT '{service}' AS service, topic, "offset", why AS fate, held_at AS at, headers, '' AS message
FROM {service}.held WHERE kind = 'order' AND key = $1
UNION ALL
SELECT '{service}', topic, "offset", rule, died_at, headers, message
FROM {service}.dead_letters WHERE record_key = convert_to($1, 'UTF8') AND status = 'open';
