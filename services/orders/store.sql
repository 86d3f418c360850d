-- name: related
-- What only the rows themselves can name, for a whole batch at once: the orders that wait for a tracking number, and
-- the skus that an order has taken from the stock. Read before the rows are locked: what another process adds in
-- between is found missing under the lock, and the batch is done again.
SELECT kind, key, NULL AS seller_id, ARRAY(SELECT json_array_elements_text(body -> 'orders')) AS names
FROM state WHERE kind = 'tracking' AND key = ANY($1::text[])
UNION ALL
SELECT kind, key, body #>> '{order,placed,seller_id}', ARRAY(SELECT json_object_keys(body -> 'reserved'))
FROM state WHERE kind = 'order' AND key = ANY($2::text[]);
