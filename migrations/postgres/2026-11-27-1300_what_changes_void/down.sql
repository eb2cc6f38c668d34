ALTER TABLE changes DROP COLUMN mark;
ALTER TABLE changes DROP COLUMN changed_at;
ALTER TABLE changes DROP COLUMN voids;
