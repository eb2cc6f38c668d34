ALTER TABLE events DROP COLUMN api_token;
ALTER TABLE events RENAME COLUMN objects TO object;
