-- Everything that a seller's rates are made of, or were: one row a released order, a contact answered in time, or a
-- defect. The orders behind each number are read from here, by seller, what is counted, and day.
CREATE TABLE counted (
    seller_id text NOT NULL,
    counts text NOT NULL,
    day date NOT NULL,
    order_id text NOT NULL,
    name text NOT NULL,
    marketplace_id text NOT NULL,
    policy_id text NOT NULL,
    claim_id text,
    contact_id text,
    stands boolean NOT NULL,
    contest_id text,
    contest text,
    PRIMARY KEY (seller_id, counts, day, order_id, name)
) WITH (fillfactor = 85);

-- The same in sums, for the daily trend: one row a seller, marketplace and day, however many orders are of it.
CREATE TABLE daily (
    seller_id text NOT NULL,
    marketplace_id text NOT NULL,
    day date NOT NULL,
    released bigint NOT NULL,
    defective bigint NOT NULL,
    canceled bigint NOT NULL,
    contacts bigint NOT NULL,
    answered bigint NOT NULL,
    PRIMARY KEY (seller_id, day, marketplace_id)
) WITH (fillfactor = 70);
