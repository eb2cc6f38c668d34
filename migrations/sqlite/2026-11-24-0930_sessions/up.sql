-- Browsers in which somebody has signed in. No foreign key: what a session is worth is asked at every use (a user who is
-- gone has no standing), so a row without its user is harmless and ends by itself.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    user_generation INTEGER NOT NULL,
    auth_time INTEGER NOT NULL,
    amr TEXT NOT NULL,
    acr TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_expires_at ON sessions (expires_at);
