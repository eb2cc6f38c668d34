-- The person an opaque token speaks for, and the family it belongs to: all three or none.
ALTER TABLE opaque_tokens ADD COLUMN user_id TEXT COLLATE "C";
ALTER TABLE opaque_tokens ADD COLUMN user_generation BIGINT;
ALTER TABLE opaque_tokens ADD COLUMN family TEXT COLLATE "C";
