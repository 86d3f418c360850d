-- name: schemas
-- Which of these services have run here: only their tables can be looked at. The last table of the first migration.
SELECT relnamespace::regnamespace::text AS service FROM pg_class
WHERE relname = 'outbox_parked' AND relkind = 'r' AND relnamespace::regnamespace::text = ANY($1::text[]);
