ALTER TABLE apis DROP COLUMN credentials;
