-- Browsers in which somebody has signed in. No foreign key: what a session is worth is asked at every use (a user who is
-- gone has no standing), so a row without its user is harmless and ends by itself.
CREATE TABLE sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    digest BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    user_generation BIGINT NOT NULL,
    auth_time BIGINT NOT NULL,
    amr TEXT COLLATE "C" NOT NULL,
    acr TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
) WITH (fillfactor = 90);

CREATE INDEX sessions_expires_at ON sessions (expires_at);
