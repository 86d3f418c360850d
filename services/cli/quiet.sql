-- name: unrest
-- What one service has read and not yet said, in one snapshot. Written once, asked for all services in one statement
-- ({service} is the name of a schema, from a closed list). Records that wait for an operator, for their order or for an
-- earlier fact have been read: they keep nobody waiting.
SELECT '{service}' AS service, 'applied' AS what, topic, partition, next_offset AS number FROM {service}.offsets
UNION ALL
SELECT '{service}', 'outbox', NULL, NULL, count(*) FROM (SELECT FROM {service}.outbox LIMIT 1000) AS unsent
HAVING count(*) > 0
UNION ALL
SELECT '{service}', 'erasures', NULL, NULL, count(*) FROM {service}.erasures WHERE done_at IS NULL
HAVING count(*) > 0;

-- name: due_timers
-- Deadlines that have come and have not fired. $1: what the clock shows.
SELECT 'timer' AS service, 'timers' AS what, NULL AS topic, NULL::int AS partition, count(*) AS number
FROM (SELECT FROM timer.timers WHERE due_at <= $1 LIMIT 1000) AS due
HAVING count(*) > 0;

-- name: no_timers
-- In its place where the timer has not run: the statement keeps its parameter.
SELECT 'timer', 'timers', NULL, NULL::int, 0::bigint WHERE $1::timestamptz IS NULL;

-- name: due_mails
-- Mails that nobody has tried to send. One that the mail server put off is waited for by nobody.
SELECT 'notifications' AS service, 'mails' AS what, NULL AS topic, NULL::int AS partition, count(*) AS number
FROM (SELECT FROM notifications.mails WHERE status = 'due' AND attempts = 0 LIMIT 1000) AS due
HAVING count(*) > 0;

-- name: next_deadline
SELECT min(due_at) FROM timer.timers;
