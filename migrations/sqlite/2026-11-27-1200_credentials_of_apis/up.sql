-- How a request to an API may bring its token to a gate that asks about it. The default is what the release before knows.
ALTER TABLE apis ADD COLUMN credentials TEXT NOT NULL DEFAULT 'bearer';
