-- An event is sealed: `mac` is a keyed hash over all that tells what happened, under the version `mac_version` of the master key.
-- Events of an earlier release have none. `note` holds somebody's own words, `organization` whose auditors may read of it, and
-- `about` is the first of the objects, by which events are found.
ALTER TABLE events ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN organization TEXT;
ALTER TABLE events ADD COLUMN about TEXT;
ALTER TABLE events ADD COLUMN mac BLOB CONSTRAINT events_mac CHECK (length(mac) = 32);
ALTER TABLE events ADD COLUMN mac_version INTEGER;
