-- The invariants that one service's tables can be asked for, each a set of subjects with what is wrong with them (null
-- when nothing is), and the sorted streams that those across services are merged from. All are run in one snapshot, by
-- the read-only role. What was said is what was sent and what still is to be sent.

-- name: money_adds_up
-- C15, by claim: what finance was told against what was decided. What is owed is what sellers were to be debited for
-- grants, and for denials that an appeal reversed, less what a void or an appeal gave back. A row of finance that came
-- twice has the same id.
WITH said AS (
    SELECT id, type, convert_from(payload, 'UTF8')::jsonb AS data FROM claims.outbox_sent
    WHERE aggregatetype = 'finance.debits'
       OR type IN ('claims.claim_granted.v1', 'claims.grant_voided.v1', 'claims.appeal_reversed.v1')
    UNION ALL
    SELECT id, type, convert_from(payload, 'UTF8')::jsonb FROM claims.outbox
    WHERE aggregatetype = 'finance.debits'
       OR type IN ('claims.claim_granted.v1', 'claims.grant_voided.v1', 'claims.appeal_reversed.v1')
),
once AS (
    SELECT DISTINCT ON (id) type, data ->> 'order_id' AS order_id, data ->> 'claim_id' AS claim_id, data,
           (data #>> '{amount,amount_minor}')::bigint AS amount, data #>> '{amount,currency}' AS currency
    FROM said ORDER BY id
),
moved AS (
    SELECT order_id, claim_id,
           coalesce(sum(amount) FILTER (WHERE type = 'finance.buyer_compensated.v1'), 0) AS compensated,
           coalesce(sum(amount) FILTER (WHERE type = 'finance.seller_debited.v1'), 0) AS debited,
           coalesce(sum(amount) FILTER (WHERE type = 'finance.seller_reimbursed.v1'), 0) AS reimbursed,
           coalesce(sum((data #>> '{compensation,amount_minor}')::bigint)
                    FILTER (WHERE type IN ('claims.claim_granted.v1', 'claims.appeal_reversed.v1')), 0) AS decided,
           coalesce(sum(amount) FILTER (WHERE data ->> 'funding' = 'seller' AND (type = 'claims.claim_granted.v1'
                        OR type = 'claims.appeal_reversed.v1' AND data ->> 'first_outcome' <> 'granted')), 0) AS charged,
           coalesce(sum(amount) FILTER (WHERE type = 'claims.grant_voided.v1'
                        OR type = 'claims.appeal_reversed.v1' AND data ->> 'first_outcome' = 'granted'
                           AND (data ->> 'reverse_money')::boolean), 0) AS given_back,
           count(DISTINCT currency) AS currencies
    FROM once GROUP BY order_id, claim_id
)
SELECT claim_id || ' on ' || order_id AS subject,
       CASE
           WHEN currencies > 1 THEN 'its money is in ' || currencies || ' currencies'
           WHEN compensated <> decided
               THEN 'the buyer was paid ' || compensated || ', and decisions say ' || decided
           WHEN debited <> charged THEN 'the seller was debited ' || debited || ', and decisions say ' || charged
           WHEN reimbursed <> given_back
               THEN 'the seller got ' || reimbursed || ' back, and decisions say ' || given_back
           WHEN compensated < debited - reimbursed
               THEN 'the seller paid ' || debited - reimbursed || ', and the buyer got ' || compensated
       END AS wrong
FROM moved ORDER BY claim_id, order_id;

-- name: one_standing_debit
-- Each decision at the seller's cost has one debit, of its amount; each debit has its decision; at most one of a claim
-- stands; what is reimbursed was debited, whole, once, and by a void or an appeal.
WITH said AS (
    SELECT id, type, convert_from(payload, 'UTF8')::jsonb AS data FROM claims.outbox_sent
    WHERE aggregatetype = 'finance.debits'
       OR type IN ('claims.claim_granted.v1', 'claims.grant_voided.v1', 'claims.appeal_reversed.v1')
    UNION ALL
    SELECT id, type, convert_from(payload, 'UTF8')::jsonb FROM claims.outbox
    WHERE aggregatetype = 'finance.debits'
       OR type IN ('claims.claim_granted.v1', 'claims.grant_voided.v1', 'claims.appeal_reversed.v1')
),
once AS (
    SELECT DISTINCT ON (id) id, type, data, data ->> 'debit_id' AS debit_id,
           (data #>> '{amount,amount_minor}')::bigint AS amount,
           type = 'claims.appeal_reversed.v1' AND data ->> 'first_outcome' = 'granted' AS is_grant_reversed
    FROM said ORDER BY id
),
debits AS (SELECT debit_id, min(data ->> 'claim_id') AS claim_id, min(data ->> 'order_id') AS order_id,
                  count(*) AS count, min(amount) AS amount
           FROM once WHERE type = 'finance.seller_debited.v1' GROUP BY debit_id),
grants AS (SELECT debit_id, min(data ->> 'claim_id') AS claim_id, min(data ->> 'order_id') AS order_id,
                  count(*) AS count, min(amount) AS amount
           FROM once WHERE data ->> 'funding' = 'seller'
               AND (type = 'claims.claim_granted.v1'
                    OR type = 'claims.appeal_reversed.v1' AND NOT is_grant_reversed AND amount > 0)
           GROUP BY debit_id),
backs AS (SELECT debit_id, count(*) AS count, sum(amount) AS amount
          FROM once WHERE type = 'finance.seller_reimbursed.v1' GROUP BY debit_id),
voids AS (SELECT debit_id, count(*) AS count
          FROM once WHERE debit_id IS NOT NULL AND (type = 'claims.grant_voided.v1'
              OR is_grant_reversed AND (data ->> 'reverse_money')::boolean)
          GROUP BY debit_id),
standing AS (SELECT claim_id, order_id, count(*) AS count FROM debits LEFT JOIN backs USING (debit_id)
             WHERE backs.debit_id IS NULL GROUP BY claim_id, order_id)
SELECT coalesce(g.claim_id, d.claim_id) || ' on ' || coalesce(g.order_id, d.order_id) AS subject,
       CASE
           WHEN g.debit_id IS NULL THEN 'debited ' || d.amount || ' without a decision'
           WHEN d.debit_id IS NULL THEN 'granted ' || g.amount || ' at the seller''s cost without a debit'
           WHEN d.count > 1 THEN d.count || ' debits have one id'
           WHEN g.count > 1 THEN g.count || ' decisions name one debit'
           WHEN d.amount <> g.amount THEN 'debited ' || d.amount || ' for a grant of ' || g.amount
           WHEN b.debit_id IS NOT NULL AND v.debit_id IS NULL
               THEN 'reimbursed ' || b.amount || ' without a void or an appeal'
           WHEN b.debit_id IS NULL AND v.debit_id IS NOT NULL THEN 'taken back without a reimbursement'
           WHEN b.count > 1 OR b.amount <> d.amount THEN 'debited ' || d.amount || ' and reimbursed ' || b.amount
           WHEN s.count > 1 THEN s.count || ' debits of one claim stand at once'
       END AS wrong
FROM grants AS g FULL JOIN debits AS d USING (debit_id)
LEFT JOIN backs AS b USING (debit_id)
LEFT JOIN voids AS v USING (debit_id)
LEFT JOIN standing AS s ON s.claim_id = d.claim_id AND s.order_id = d.order_id
UNION ALL
SELECT debit_id, 'reimbursed ' || backs.amount || ' of a debit that was never made'
FROM backs LEFT JOIN debits USING (debit_id) WHERE debits.debit_id IS NULL
ORDER BY 1;

-- name: paid
-- By order: what the buyer paid, what is not charged after all or was paid back, and what the bank took back for good.
-- Sorted as strings are compared in Python.
WITH said AS (
    SELECT aggregateid AS order_id, id, type, convert_from(payload, 'UTF8')::jsonb AS data FROM orders.outbox_sent
    WHERE type IN ('orders.order_received.v1', 'orders.order_canceled.v1', 'orders.lines_canceled.v1',
                   'orders.refund_recorded.v1', 'orders.chargeback_closed.v1')
    UNION ALL
    SELECT aggregateid, id, type, convert_from(payload, 'UTF8')::jsonb FROM orders.outbox
    WHERE type IN ('orders.order_received.v1', 'orders.order_canceled.v1', 'orders.lines_canceled.v1',
                   'orders.refund_recorded.v1', 'orders.chargeback_closed.v1')
),
once AS (SELECT DISTINCT ON (order_id, id) order_id, type, data FROM said ORDER BY order_id, id)
SELECT order_id AS key,
       coalesce(sum((
           SELECT sum((item #>> '{unit_price,amount_minor}')::bigint * (item ->> 'quantity')::bigint
                      + (item #>> '{shipping,amount_minor}')::bigint + (item #>> '{tax,amount_minor}')::bigint)
           FROM jsonb_array_elements(data -> 'items') AS item
       )) FILTER (WHERE type = 'orders.order_received.v1'), 0)::bigint AS paid,
       coalesce(sum((data #>> '{amount,amount_minor}')::bigint)
                FILTER (WHERE type IN ('orders.order_canceled.v1', 'orders.lines_canceled.v1',
                                       'orders.refund_recorded.v1')
                           OR type = 'orders.chargeback_closed.v1' AND data ->> 'outcome' = 'buyer_won'), 0)::bigint
           AS not_charged
FROM once GROUP BY order_id ORDER BY order_id COLLATE "C";

-- name: compensated
-- By order: what the buyer got for claims, and the extra charges that are documented, at the filing or later.
WITH said AS (
    SELECT id, type, convert_from(payload, 'UTF8')::jsonb AS data FROM claims.outbox_sent
    WHERE type IN ('finance.buyer_compensated.v1', 'claims.claim_filed.v1', 'claims.evidence_added.v1')
    UNION ALL
    SELECT id, type, convert_from(payload, 'UTF8')::jsonb FROM claims.outbox
    WHERE type IN ('finance.buyer_compensated.v1', 'claims.claim_filed.v1', 'claims.evidence_added.v1')
),
once AS (SELECT DISTINCT ON (id) type, data ->> 'order_id' AS order_id, data FROM said ORDER BY id),
documented AS (SELECT DISTINCT order_id, data ->> 'claim_id' AS claim_id FROM once
               WHERE type <> 'finance.buyer_compensated.v1' AND data -> 'evidence' <> '[]')
SELECT once.order_id AS key,
       coalesce(sum((data #>> '{amount,amount_minor}')::bigint)
                FILTER (WHERE type = 'finance.buyer_compensated.v1'), 0)::bigint AS compensated,
       coalesce(sum((data #>> '{extra_charges,amount_minor}')::bigint)
                FILTER (WHERE type = 'claims.claim_filed.v1' AND documented.claim_id IS NOT NULL), 0)::bigint AS extra
FROM once LEFT JOIN documented ON documented.order_id = once.order_id AND documented.claim_id = data ->> 'claim_id'
GROUP BY once.order_id ORDER BY once.order_id COLLATE "C";

-- name: no_early_timer
-- R3: a deadline fires at its time or after it.
WITH said AS (
    SELECT convert_from(payload, 'UTF8')::jsonb AS data FROM timer.outbox_sent
    WHERE type = 'timer.deadline_expired.v1'
    UNION ALL
    SELECT convert_from(payload, 'UTF8')::jsonb FROM timer.outbox WHERE type = 'timer.deadline_expired.v1'
)
SELECT data ->> 'kind' || ' of ' || (data ->> 'order_id') AS subject,
       CASE WHEN (data ->> 'fired_at')::timestamptz < (data ->> 'due_at')::timestamptz
            THEN 'due at ' || (data ->> 'due_at') || ', fired at ' || (data ->> 'fired_at') END AS wrong
FROM said;

-- name: no_timer_left_behind
-- R3: once all is quiet, no deadline that has come is still waiting. $1: what the clock shows.
SELECT kind || ' of ' || order_id AS subject,
       CASE WHEN due_at <= $1 THEN 'due at ' || due_at || ' and not fired' END AS wrong
FROM timer.timers;

-- name: clocks_run
-- R3: every deadline that a service asked for last waits or has come; none that it called off still waits. {service} is
-- who asked.
WITH asked AS (
    SELECT DISTINCT ON (data ->> 'timer_id') data ->> 'timer_id' AS timer_id, type, data ->> 'order_id' AS order_id,
           data ->> 'kind' AS kind
    FROM (
        SELECT position, type, convert_from(payload, 'UTF8')::jsonb AS data FROM {service}.outbox_sent
        WHERE aggregatetype = 'timer.commands'
        UNION ALL
        SELECT position, type, convert_from(payload, 'UTF8')::jsonb FROM {service}.outbox
        WHERE aggregatetype = 'timer.commands'
    ) AS said
    ORDER BY data ->> 'timer_id', position DESC
),
came AS (
    SELECT convert_from(payload, 'UTF8')::jsonb ->> 'timer_id' AS timer_id FROM timer.outbox_sent
    WHERE type = 'timer.deadline_expired.v1'
    UNION
    SELECT convert_from(payload, 'UTF8')::jsonb ->> 'timer_id' FROM timer.outbox
    WHERE type = 'timer.deadline_expired.v1'
)
SELECT '{service}: ' || coalesce(asked.kind, 'a deadline') || ' of ' || asked.order_id AS subject,
       CASE
           WHEN type = 'timer.schedule.v1' AND waits.timer_id IS NULL AND came.timer_id IS NULL
               THEN 'asked for, and it neither waits nor has come'
           WHEN type = 'timer.cancel.v1' AND waits.timer_id IS NOT NULL THEN 'called off, and it still waits'
       END AS wrong
FROM asked LEFT JOIN timer.timers AS waits USING (timer_id) LEFT JOIN came USING (timer_id);

-- name: silence
-- Grants that stand on silence: of each claim the last grant, unless it was voided or an appeal took the money back, with
-- what was looked at. Sorted by order. A claim whose answer was read only after it had closed is named by `excused`.
WITH said AS (
    SELECT position, type, convert_from(payload, 'UTF8')::jsonb AS data FROM claims.outbox_sent
    WHERE type IN ('claims.claim_granted.v1', 'claims.grant_voided.v1')
       OR type = 'claims.appeal_reversed.v1' AND convert_from(payload, 'UTF8')::jsonb @> '{"reverse_money": true}'
    UNION ALL
    SELECT position, type, convert_from(payload, 'UTF8')::jsonb FROM claims.outbox
    WHERE type IN ('claims.claim_granted.v1', 'claims.grant_voided.v1')
       OR type = 'claims.appeal_reversed.v1' AND convert_from(payload, 'UTF8')::jsonb @> '{"reverse_money": true}'
),
last AS (
    SELECT DISTINCT ON (data ->> 'order_id', data ->> 'claim_id') data ->> 'order_id' AS order_id,
           data ->> 'claim_id' AS claim_id, type, data -> 'explanation' AS explanation
    FROM said ORDER BY data ->> 'order_id', data ->> 'claim_id', position DESC
)
SELECT order_id AS key, claim_id, explanation,
       EXISTS (SELECT FROM claims.late_answers AS a WHERE a.claim_id = last.claim_id AND a.order_id = last.order_id)
           AS excused
FROM last WHERE type = 'claims.claim_granted.v1' AND explanation @> '[{"rule": "C6.2", "holds": true}]'
ORDER BY order_id COLLATE "C";

-- name: answers
-- What sellers wrote in person, with the contact that it belongs to and the event that opened that. Sorted by order.
WITH said AS (
    SELECT aggregateid AS order_id, id, type, convert_from(payload, 'UTF8')::jsonb AS data FROM messaging.outbox_sent
    WHERE type IN ('messaging.contact_opened.v1', 'messaging.message_sent.v1')
    UNION ALL
    SELECT aggregateid, id, type, convert_from(payload, 'UTF8')::jsonb FROM messaging.outbox
    WHERE type IN ('messaging.contact_opened.v1', 'messaging.message_sent.v1')
)
SELECT DISTINCT m.order_id COLLATE "C" AS key, o.id AS opened_id, (o.data ->> 'opened_at')::timestamptz AS opened_at,
       (o.data ->> 'respond_by')::timestamptz AS respond_by, (m.data ->> 'at')::timestamptz AS at
FROM said AS m
JOIN said AS o ON o.order_id = m.order_id AND o.type = 'messaging.contact_opened.v1'
     AND o.data ->> 'contact_id' = m.data ->> 'belongs_to'
WHERE m.type = 'messaging.message_sent.v1' AND m.data #>> '{actor,kind}' = 'seller'
  AND NOT coalesce((m.data ->> 'automatic')::boolean, false)
ORDER BY 1;

-- name: sequences
-- The numbered facts of one service: from 1, without gap, none twice, and as many as its rows have counted.
WITH said AS (
    SELECT aggregateid AS key,
           (jsonb_path_query_first(headers::jsonb, 'strict $[*] ? (@[0] == "ce_sequence")[1]') #>> '{{}}')::bigint AS number
    FROM (
        SELECT aggregateid, headers FROM {service}.outbox_sent WHERE aggregatetype = '{service}.events'
        UNION ALL
        SELECT aggregateid, headers FROM {service}.outbox WHERE aggregatetype = '{service}.events'
        UNION ALL
        SELECT aggregateid, headers FROM {service}.outbox_parked WHERE aggregatetype = '{service}.events'
    ) AS facts
),
counted AS (SELECT key, min(number) AS first, max(number) AS last, count(number) AS count FROM said GROUP BY key)
SELECT '{service}: ' || key AS subject,
       CASE
           WHEN c.key IS NULL AND s.sequence > 0 THEN s.sequence || ' counted, and none kept'
           WHEN s.key IS NULL AND c.count > 0 THEN c.count || ' facts of an order that is not kept'
           WHEN c.count <> c.last - c.first + 1
               THEN c.count || ' facts numbered ' || c.first || ' to ' || c.last
           WHEN c.last <> s.sequence THEN 'numbered up to ' || c.last || ', and ' || s.sequence || ' counted'
       END AS wrong
FROM counted AS c
FULL JOIN (SELECT key, sequence FROM {service}.state WHERE kind = 'order') AS s USING (key);

-- name: numbered
-- By order: how many numbered facts a service has said. Sorted.
SELECT key, sequence AS number FROM {service}.state WHERE kind = 'order' AND sequence > 0
ORDER BY key COLLATE "C";

-- name: heard
-- By order: what a service has heard of each topic last, and whether something holds the order up. Sorted.
SELECT key, heard -> 'topics' AS topics,
       heard::jsonb ?| ARRAY['parked', 'held', 'holds'] AS held
FROM {service}.state WHERE kind = 'order' ORDER BY key COLLATE "C";

-- name: refused_for_good
-- Orders of which Kafka refused a message: an operator knows, and what follows waits behind it.
SELECT DISTINCT aggregateid AS key FROM {service}.outbox_parked WHERE aggregateid IS NOT NULL;

-- name: history
-- The facts of one service about each order, in the order in which they were said; stock, and what counts against a
-- seller, stand under the seller.
SELECT key COLLATE "C" AS key, type, payload
FROM (
    SELECT CASE WHEN topic IN ('inventory.events', 'performance.events')
                THEN convert_from(payload, 'UTF8')::jsonb ->> 'order_id' ELSE said_of END AS key,
           position, type, payload
    FROM (
        SELECT aggregatetype AS topic, aggregateid AS said_of, position, type, payload
        FROM {service}.outbox_sent WHERE aggregatetype IN ('{service}.events', 'inventory.events')
        UNION ALL
        SELECT aggregatetype, aggregateid, position, type, payload
        FROM {service}.outbox WHERE aggregatetype IN ('{service}.events', 'inventory.events')
        UNION ALL
        SELECT aggregatetype, aggregateid, position, type, payload
        FROM {service}.outbox_parked WHERE aggregatetype = '{service}.events'
    ) AS said
) AS keyed
WHERE key IS NOT NULL ORDER BY 1, position;

-- name: rows
-- The order rows of one service. Sorted.
SELECT key, schema_version, body FROM {service}.state WHERE kind = 'order' AND body IS NOT NULL
ORDER BY key COLLATE "C";

-- name: records_counted
-- R6, by partition: in = applied + copies + passed over + waiting + parked + dead, and as many as there are offsets; each
-- dead one is kept.
SELECT '{service}: ' || o.topic || '[' || o.partition || ']' AS subject,
       CASE
           WHEN records <> applied + copies + passed_over + waiting + parked + dead
               THEN records || ' read, ' || applied + copies + passed_over + waiting + parked + dead || ' accounted for'
           WHEN records + holes <> next_offset - first_offset
               THEN next_offset - first_offset || ' offsets passed, ' || records + holes || ' accounted for'
           WHEN dead <> coalesce(letters.count, 0)
               THEN dead || ' dead, ' || coalesce(letters.count, 0) || ' kept'
       END AS wrong
FROM {service}.offsets AS o
LEFT JOIN (SELECT topic, partition, count(*) AS count FROM {service}.dead_letters GROUP BY topic, partition) AS letters
    ON letters.topic = o.topic AND letters.partition = o.partition;

-- name: decisions
-- Every decision with its explanation, as it was said.
SELECT position, type, payload FROM claims.outbox_sent
WHERE type IN ('claims.claim_granted.v1', 'claims.grant_voided.v1', 'claims.claim_denied.v1', 'claims.claim_refused.v1',
               'claims.appeal_reversed.v1', 'claims.appeal_upheld.v1')
UNION ALL
SELECT position, type, payload FROM claims.outbox
WHERE type IN ('claims.claim_granted.v1', 'claims.grant_voided.v1', 'claims.claim_denied.v1', 'claims.claim_refused.v1',
               'claims.appeal_reversed.v1', 'claims.appeal_upheld.v1')
ORDER BY position;

-- name: orders_of_sellers
-- Every order with its seller, where, under which policy and when it was placed, and whether it was released. Sorted.
SELECT key COLLATE "C" AS key, max(data ->> 'seller_id') AS seller_id, max(data ->> 'marketplace_id') AS marketplace_id,
       max(data ->> 'policy_id') AS policy_id, max((data ->> 'placed_at')::timestamptz) AS placed_at,
       bool_or(type = 'orders.order_released.v1') AS is_released
FROM (
    SELECT aggregateid AS key, type, convert_from(payload, 'UTF8')::jsonb AS data FROM orders.outbox_sent
    WHERE type IN ('orders.order_received.v1', 'orders.order_released.v1')
    UNION ALL
    SELECT aggregateid, type, convert_from(payload, 'UTF8')::jsonb FROM orders.outbox
    WHERE type IN ('orders.order_received.v1', 'orders.order_released.v1')
) AS said
GROUP BY key ORDER BY 1;

-- name: contacts_of_orders
-- Every contact with its earliest answer. Sorted by order.
SELECT key COLLATE "C" AS key, data ->> 'contact_id' AS contact_id, max(data ->> 'policy_id') AS policy_id,
       max((data ->> 'opened_at')::timestamptz) AS opened_at, min((data ->> 'responded_at')::timestamptz) AS responded_at
FROM (
    SELECT aggregateid AS key, convert_from(payload, 'UTF8')::jsonb AS data FROM messaging.outbox_sent
    WHERE type IN ('messaging.contact_opened.v1', 'messaging.contact_responded.v1')
    UNION ALL
    SELECT aggregateid, convert_from(payload, 'UTF8')::jsonb FROM messaging.outbox
    WHERE type IN ('messaging.contact_opened.v1', 'messaging.contact_responded.v1')
) AS said
GROUP BY 1, 2 ORDER BY 1;

-- name: defects_standing
-- What counts against each order by what was said last of it. Sorted by order.
SELECT key COLLATE "C" AS key, kind, contact_id, day FROM (
    SELECT DISTINCT ON (data ->> 'defect_id') data ->> 'order_id' AS key, type, data ->> 'kind' AS kind,
           data ->> 'contact_id' AS contact_id, (data ->> 'day')::date AS day
    FROM (
        SELECT position, type, convert_from(payload, 'UTF8')::jsonb AS data FROM performance.outbox_sent
        WHERE type IN ('performance.defect_counted.v1', 'performance.defect_taken_back.v1')
        UNION ALL
        SELECT position, type, convert_from(payload, 'UTF8')::jsonb FROM performance.outbox
        WHERE type IN ('performance.defect_counted.v1', 'performance.defect_taken_back.v1')
    ) AS said
    ORDER BY data ->> 'defect_id', position DESC
) AS last
WHERE type = 'performance.defect_counted.v1' ORDER BY 1;

-- name: sellers
-- Every seller's row.
SELECT key, schema_version, body FROM performance.state WHERE kind = 'seller' AND body IS NOT NULL ORDER BY key;
