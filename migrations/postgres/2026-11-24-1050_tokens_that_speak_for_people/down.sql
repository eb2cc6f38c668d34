-- The release before would take a token that speaks for a person for one of the client's own.
DELETE FROM opaque_tokens WHERE user_id IS NOT NULL;
ALTER TABLE opaque_tokens DROP COLUMN family;
ALTER TABLE opaque_tokens DROP COLUMN user_generation;
ALTER TABLE opaque_tokens DROP COLUMN user_id;
