-- An event names every object that a change touched, and the API token that it was made with.
ALTER TABLE events RENAME COLUMN object TO objects;
ALTER TABLE events ADD COLUMN api_token TEXT;
