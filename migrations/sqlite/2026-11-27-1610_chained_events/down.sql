DROP TABLE chain_head;
DROP INDEX events_unchained;
DROP INDEX events_seq;
ALTER TABLE events DROP COLUMN origin;
ALTER TABLE events DROP COLUMN link_version;
ALTER TABLE events DROP COLUMN link;
ALTER TABLE events DROP COLUMN seq;
