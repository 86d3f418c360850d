-- name: holdings
-- What one service holds of a person: rows with their texts, and records that name them and wait or can't be read. What
-- was said of those rows is counted when it is erased. ({service} is the name of a schema, from a closed list.)
SELECT '{service}' AS service,
       (SELECT count(*) FROM {service}.texts WHERE party_id = $1) AS rows,
       (SELECT count(*) FROM {service}.held WHERE position(convert_to($1, 'UTF8') IN value) > 0) AS held,
       (SELECT count(*) FROM {service}.dead_letters
        WHERE erased_at IS NULL AND position(convert_to($1, 'UTF8') IN value) > 0) AS dead_letters,
       (SELECT done_at FROM {service}.erasures WHERE party_id = $1) AS erased_at;

-- name: done
-- What came of one wish, in one service; nothing while it has not heard of it.
SELECT '{service}' AS service, dead_letters, held, rows, messages, own, failed, done_at
FROM {service}.erasures WHERE party_id = $1 AND event_id = $2;
