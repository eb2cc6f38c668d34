-- What a change means to tokens that were issued before it, for those who verify them by signature alone: when it was made, what
-- these tokens call what has changed ('' where none rests on it, '*' for all), and a mark by which a number that was given out
-- again by a database that has lost some is told from the first. The release before writes none of these: what it changes counts
-- for all. Of what was changed before this migration the last one does, too.
ALTER TABLE changes ADD COLUMN voids TEXT COLLATE "C" NOT NULL DEFAULT '*';
ALTER TABLE changes ADD COLUMN changed_at BIGINT NOT NULL DEFAULT CAST(extract(epoch FROM clock_timestamp()) AS BIGINT);
ALTER TABLE changes ADD COLUMN mark TEXT COLLATE "C" NOT NULL DEFAULT substr(md5(CAST(random() AS TEXT)), 1, 16);

UPDATE changes SET voids = '' WHERE revision < (SELECT max(revision) FROM changes);
