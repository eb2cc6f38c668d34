-- When API tokens, clients and client secrets were last used, and where from: beside them, because it is written so much more often.
CREATE TABLE last_uses (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    used_at INTEGER NOT NULL,
    address TEXT
) STRICT, WITHOUT ROWID;
