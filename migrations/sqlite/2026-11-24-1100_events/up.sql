-- What happened, for whoever has to find out. No foreign keys: an event outlives everything it names.
CREATE TABLE events (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    user_id TEXT,
    client TEXT,
    object TEXT NOT NULL,
    address TEXT
) STRICT, WITHOUT ROWID;
