-- The chain: each event gets a number and a keyed hash over that number, the link before, and its own seal. `origin` says how it was
-- found: `recorded` with a seal, `adopted` without one while an earlier release may still have written, `unsealed` without one later.
ALTER TABLE events ADD COLUMN seq BIGINT;
ALTER TABLE events ADD COLUMN link BYTEA CONSTRAINT events_link CHECK (length(link) = 32);
ALTER TABLE events ADD COLUMN link_version INTEGER;
ALTER TABLE events ADD COLUMN origin TEXT COLLATE "C"
    CONSTRAINT events_origin CHECK (origin IN ('recorded', 'adopted', 'unsealed'));
CREATE UNIQUE INDEX events_seq ON events (seq);
-- Asked every second: what has no number yet, in the order of identifiers, which is not the order of commits.
CREATE INDEX events_unchained ON events (id) WHERE seq IS NULL;

-- The last link, one row: whoever moves it must have seen it as it stands, so that of two chainers one comes too late.
CREATE TABLE chain_head (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    link BYTEA NOT NULL CHECK (length(link) = 32),
    link_version INTEGER NOT NULL,
    attested_since BIGINT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 32),
    mac_version INTEGER NOT NULL
) WITH (fillfactor = 10);
