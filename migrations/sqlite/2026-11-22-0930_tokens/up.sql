-- Opaque access tokens, by their keyed hash; signed ones that were taken back, by their jti. Neither refers to clients or
-- apis by a foreign key: each insert would pay for a look-up, and a token outlives its API as an inactive row.
CREATE TABLE opaque_tokens (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    jti TEXT NOT NULL,
    client TEXT NOT NULL,
    client_generation INTEGER NOT NULL,
    api TEXT,
    scope TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX opaque_tokens_expires_at ON opaque_tokens (expires_at);

CREATE TABLE revoked_jwts (
    jti TEXT NOT NULL PRIMARY KEY CHECK (length(jti) = 26),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX revoked_jwts_expires_at ON revoked_jwts (expires_at);
