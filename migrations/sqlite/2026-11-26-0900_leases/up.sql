-- Which node does what only one of them should do, and until when it may.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL CHECK (length(holder) = 26),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
