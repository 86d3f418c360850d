-- Keys are ordered by their bytes, whatever the database's collation (as in the kit's tables).
ALTER TABLE mails ALTER party_id TYPE text COLLATE "C", ALTER quotes TYPE text COLLATE "C";
