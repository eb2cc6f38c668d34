-- The chain: each event gets a number and a keyed hash over that number, the link before, and its own seal. `origin` says how it was
-- found: `recorded` with a seal, `adopted` without one while an earlier release may still have written, `unsealed` without one later.
ALTER TABLE events ADD COLUMN seq INTEGER;
ALTER TABLE events ADD COLUMN link BLOB CONSTRAINT events_link CHECK (length(link) = 32);
ALTER TABLE events ADD COLUMN link_version INTEGER;
ALTER TABLE events ADD COLUMN origin TEXT
    CONSTRAINT events_origin CHECK (origin IN ('recorded', 'adopted', 'unsealed'));
CREATE UNIQUE INDEX events_seq ON events (seq);
-- Asked every second: what has no number yet, in the order of identifiers, which is not the order of commits.
CREATE INDEX events_unchained ON events (id) WHERE seq IS NULL;

-- The last link, one row: whoever moves it must have seen it as it stands, so that of two chainers one comes too late.
CREATE TABLE chain_head (
    name TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL,
    link BLOB NOT NULL CHECK (length(link) = 32),
    link_version INTEGER NOT NULL,
    attested_since INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    mac_version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
