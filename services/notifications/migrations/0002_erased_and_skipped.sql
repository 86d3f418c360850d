-- `skipped`: an operator left it out. `erased`: its reader's data is gone. `quotes` is the person whose words are in
-- `facts`, which go when that person is erased; a mail that was sent, skipped or erased has none any more.
ALTER TABLE mails DROP CONSTRAINT mails_status_check;
ALTER TABLE mails ADD CONSTRAINT mails_status_check
    CHECK (status IN ('waiting', 'due', 'sent', 'parked', 'skipped', 'erased'));
ALTER TABLE mails ALTER COLUMN facts DROP NOT NULL;
ALTER TABLE mails ADD COLUMN quotes text;
ALTER TABLE mails ADD COLUMN parked_at timestamptz;
UPDATE mails SET parked_at = next_attempt_at WHERE status = 'parked';
UPDATE mails SET facts = NULL WHERE status = 'sent';
-- What an operator sees, and what an erasure looks at: only what is not at its end.
CREATE INDEX mails_parked ON mails (parked_at) WHERE status = 'parked';
CREATE INDEX mails_of_party ON mails (party_id) WHERE status IN ('waiting', 'due', 'parked');
CREATE INDEX mails_quoting ON mails (quotes) WHERE quotes IS NOT NULL AND status IN ('waiting', 'due', 'parked');
DROP INDEX mails_waiting;
