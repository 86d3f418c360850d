-- Keys are ordered by their bytes, whatever the database's collation (as in the kit's tables).
ALTER TABLE timers ALTER timer_id TYPE text COLLATE "C";
