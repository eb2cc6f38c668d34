-- What a change means to tokens that were issued before it, for those who verify them by signature alone: when it was made, what
-- these tokens call what has changed ('' where none rests on it, '*' for all), and a mark by which a number that was given out
-- again by a database that has lost some is told from the first. The release before writes none of these: what it changes counts
-- for all. Of what was changed before this migration the last one does, too.
CREATE TABLE new_changes (
    revision INTEGER NOT NULL PRIMARY KEY,
    noun TEXT NOT NULL,
    record TEXT,
    voids TEXT NOT NULL DEFAULT '*',
    changed_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER)),
    mark TEXT NOT NULL DEFAULT (lower(hex(randomblob(8))))
) STRICT;

INSERT INTO new_changes (revision, noun, record, voids)
SELECT revision, noun, record, CASE revision WHEN (SELECT max(revision) FROM changes) THEN '*' ELSE '' END FROM changes;

DROP TABLE changes;

ALTER TABLE new_changes RENAME TO changes;
