-- The person an opaque token speaks for, and the family it belongs to: all three or none.
ALTER TABLE opaque_tokens ADD COLUMN user_id TEXT;
ALTER TABLE opaque_tokens ADD COLUMN user_generation INTEGER;
ALTER TABLE opaque_tokens ADD COLUMN family TEXT;
