ALTER TABLE events DROP COLUMN mac_version;
ALTER TABLE events DROP COLUMN mac;
ALTER TABLE events DROP COLUMN about;
ALTER TABLE events DROP COLUMN organization;
ALTER TABLE events DROP COLUMN note;
