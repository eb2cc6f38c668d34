ALTER TABLE clients DROP COLUMN held_off;
