-- name: awaiting
-- What only the rows themselves can name, for a whole batch at once: the orders that wait for a tracking number. Read
-- before the rows are locked: what another process adds in between is found missing under the lock, and the batch is
-- done again.
SELECT key, ARRAY(SELECT json_array_elements_text(body -> 'orders')) AS orders
FROM state WHERE kind = 'tracking' AND key = ANY($1::text[]);
