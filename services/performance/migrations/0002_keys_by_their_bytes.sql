-- Keys are ordered by their bytes, whatever the database's collation (as in the kit's tables).
ALTER TABLE counted
    ALTER seller_id TYPE text COLLATE "C", ALTER counts TYPE text COLLATE "C", ALTER order_id TYPE text COLLATE "C",
    ALTER name TYPE text COLLATE "C";
ALTER TABLE daily ALTER seller_id TYPE text COLLATE "C", ALTER marketplace_id TYPE text COLLATE "C";
