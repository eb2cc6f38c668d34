ALTER TABLE groups DROP COLUMN permissions;
ALTER TABLE groups DROP COLUMN organization;
