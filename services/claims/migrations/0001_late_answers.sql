-- Answers dated in time that were read after their claim had closed (C6): they move no money, an operator sees them.
CREATE TABLE late_answers (
    order_id text NOT NULL,
    claim_id text NOT NULL,
    source_id text NOT NULL,
    answered_at timestamptz NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (claim_id, order_id, source_id)
);
