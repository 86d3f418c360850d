-- Keys are ordered by their bytes, whatever the database's collation (as in the kit's tables).
ALTER TABLE late_answers
    ALTER claim_id TYPE text COLLATE "C", ALTER order_id TYPE text COLLATE "C", ALTER source_id TYPE text COLLATE "C";
