-- Which node does what only one of them should do, and until when it may.
CREATE TABLE leases (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL CHECK (length(holder) = 26),
    expires_at BIGINT NOT NULL
) WITH (fillfactor = 10);
