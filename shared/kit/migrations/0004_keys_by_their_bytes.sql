-- Keys are ordered by their bytes, whatever the database's collation: an index in a language's order is wrong, and may
-- let the same key in twice, when the system's rules for that language change; and it costs a quarter more to write.
ALTER TABLE migrations ALTER package TYPE text COLLATE "C", ALTER name TYPE text COLLATE "C";
ALTER TABLE offsets ALTER topic TYPE text COLLATE "C";
ALTER TABLE seen ALTER source TYPE text COLLATE "C", ALTER id TYPE text COLLATE "C";
ALTER TABLE state ALTER kind TYPE text COLLATE "C", ALTER key TYPE text COLLATE "C";
ALTER TABLE held ALTER kind TYPE text COLLATE "C", ALTER key TYPE text COLLATE "C";
ALTER TABLE dead_letters ALTER dl_id TYPE text COLLATE "C";
ALTER TABLE parked_keys ALTER kind TYPE text COLLATE "C", ALTER key TYPE text COLLATE "C";
ALTER TABLE outbox_sent ALTER id TYPE text COLLATE "C", ALTER aggregateid TYPE text COLLATE "C";
ALTER TABLE texts
    ALTER party_id TYPE text COLLATE "C", ALTER kind TYPE text COLLATE "C", ALTER key TYPE text COLLATE "C";
ALTER TABLE erasures ALTER party_id TYPE text COLLATE "C";
