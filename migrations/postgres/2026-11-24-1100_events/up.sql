-- What happened, for whoever has to find out. No foreign keys: an event outlives everything it names.
CREATE TABLE events (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    at BIGINT NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C",
    client TEXT COLLATE "C",
    object TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C"
);
