ALTER TABLE organizations DROP COLUMN api_access_shut;
