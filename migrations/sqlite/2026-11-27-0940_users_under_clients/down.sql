DROP TABLE user_clients;

DROP INDEX users_token_generation;
ALTER TABLE users DROP COLUMN token_generation;
ALTER TABLE users DROP COLUMN contact;
