-- name: letters
-- What could not be read, the latest first; parked keys stand beside it, for both wait for an operator. $1: also those
-- that were settled before. ({service} is the name of a schema, from a closed list.)
SELECT '{service}' AS service, 'dead letter' AS what, dl_id AS id, topic, partition, "offset", died_at AS since, rule,
       message, status, 0::bigint AS waiting
FROM {service}.dead_letters WHERE $1 OR status = 'open'
UNION ALL
SELECT '{service}', 'parked key', kind || '/' || key, NULL, NULL, NULL, parked_at, 'bug', error, 'open',
       (SELECT count(*) FROM {service}.held AS h WHERE h.kind = p.kind AND h.key = p.key)
FROM {service}.parked_keys AS p;

-- name: record
-- One dead letter as it was found.
SELECT record_key, value, headers, timestamp_ms FROM {service}.dead_letters WHERE dl_id = $1;

-- name: held_records
-- What waits behind a parked key, in its order: the first is the one that parked it.
SELECT topic, partition, "offset", timestamp_ms, record_key, value, headers FROM {service}.held
WHERE kind = $1 AND key = $2 ORDER BY id LIMIT 20;
