-- Deadlines that were asked for and have not come. `shard` is the partition of timer.commands that brought them:
-- the process that owns it sets, cancels and fires. `cause_id` is the command that asked.
CREATE TABLE timers (
    timer_id text PRIMARY KEY,
    shard int NOT NULL,
    due_at timestamptz NOT NULL,
    kind text NOT NULL,
    owner text NOT NULL,
    order_id text NOT NULL,
    subject_id text NOT NULL,
    cause_id text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE INDEX timers_by_due ON timers (due_at, timer_id);
