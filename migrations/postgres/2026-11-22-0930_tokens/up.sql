-- Opaque access tokens, by their keyed hash; signed ones that were taken back, by their jti. Neither refers to clients or
-- apis by a foreign key: each insert would pay for a look-up, and a token outlives its API as an inactive row.
CREATE TABLE opaque_tokens (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    jti TEXT COLLATE "C" NOT NULL,
    client TEXT COLLATE "C" NOT NULL,
    client_generation BIGINT NOT NULL,
    api TEXT COLLATE "C",
    scope TEXT COLLATE "C" NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE INDEX opaque_tokens_expires_at ON opaque_tokens (expires_at);

CREATE TABLE revoked_jwts (
    jti TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(jti) = 26),
    expires_at BIGINT NOT NULL
);

CREATE INDEX revoked_jwts_expires_at ON revoked_jwts (expires_at);
