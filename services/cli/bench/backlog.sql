-- name: rows
-- Each order has one row, nothing is left to be sent, and what was sent was sent once.
SELECT (SELECT count(*) FROM orders.state WHERE kind = 'order') AS orders,
       (SELECT count(*) FROM orders.outbox) AS unsent,
       (SELECT count(*) FROM orders.outbox_sent) AS sent,
       (SELECT sum(applied) FROM orders.offsets WHERE topic = 'checkout.events') AS applied;
