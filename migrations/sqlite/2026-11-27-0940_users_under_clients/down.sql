DROP TABLE user_clients;

ALTER TABLE users DROP COLUMN token_generation;
ALTER TABLE users DROP COLUMN contact;
