ALTER TABLE events DROP COLUMN api_token;
