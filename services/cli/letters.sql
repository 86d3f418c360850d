-- name: letters
-- What could not be read, the latest first; parked keys stand beside it, for both wait for an operator. $1: also those
-- that were settled before. ({service} is the name of a schema, from a closed list.)
SELECT '{service}' AS service, 'dead letter' AS what, dl_id AS id, topic, partition, "offset", died_at AS since, rule,
       message, CASE WHEN status = 'open' AND erased_at IS NOT NULL THEN 'erased' ELSE status END AS status,
       0::bigint AS waiting, NULL AS order_id
FROM {service}.dead_letters WHERE $1 OR status = 'open'
UNION ALL
SELECT '{service}', 'parked key', kind || '/' || key, NULL, NULL, NULL, parked_at, 'bug', error, 'open',
       (SELECT count(*) FROM {service}.held AS h WHERE h.kind = p.kind AND h.key = p.key), NULL
FROM {service}.parked_keys AS p;

-- name: has_parked_mails
-- Whether the tables are those of a release that can say since when.
SELECT EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = to_regclass('notifications.mails') AND attname = 'parked_at'
);

-- name: parked_mails
-- Mails that the mail server refused for too long, or that can't be sent as they are. $1: also those left out before.
SELECT 'notifications' AS service, 'parked mail' AS what, 'mail/' || notification_id AS id, NULL AS topic,
       NULL::int AS partition, NULL::bigint AS "offset", coalesce(parked_at, next_attempt_at) AS since, template AS rule,
       'to ' || party_id || ', after ' || attempts || ' tries: ' || coalesce(last_error, '') AS message,
       CASE status WHEN 'parked' THEN 'open' ELSE status END AS status, 0::bigint AS waiting, order_id
FROM notifications.mails WHERE status = 'parked' OR ($1 AND status = 'skipped')

-- name: record
-- One dead letter as it was found.
SELECT record_key, value, headers, timestamp_ms FROM {service}.dead_letters WHERE dl_id = $1;

-- name: held_records
-- What waits behind a parked key, in its order: the first is the one that parked it.
SELECT topic, partition, "offset", timestamp_ms, record_key, value, headers FROM {service}.held
WHERE kind = $1 AND key = $2 ORDER BY id LIMIT 20;
