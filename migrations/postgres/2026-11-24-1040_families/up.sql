-- Families of tokens, which decide, and their refresh tokens, by their keyed hash. No foreign keys: a family is begun with
-- every redeemed code and a refresh token written with every refresh, each would pay for its look-ups, and all that a
-- family rests on is asked again at every use.
CREATE TABLE families (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    client TEXT COLLATE "C" NOT NULL,
    client_generation BIGINT NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    user_generation BIGINT NOT NULL,
    session TEXT COLLATE "C" NOT NULL,
    offline BOOLEAN NOT NULL,
    consent TEXT COLLATE "C",
    consent_generation BIGINT,
    scope TEXT COLLATE "C" NOT NULL,
    api TEXT COLLATE "C",
    auth_time BIGINT NOT NULL,
    amr TEXT COLLATE "C" NOT NULL,
    acr TEXT COLLATE "C" NOT NULL,
    newest BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
) WITH (fillfactor = 80);

-- None of them holds a column that a refresh changes: with room left in its page, a rotation touches no index.
CREATE INDEX families_session ON families (session);
CREATE INDEX families_consent ON families (consent) WHERE consent IS NOT NULL;
CREATE INDEX families_revoked_at ON families (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX families_expires_at ON families (expires_at);

-- One is written with every refresh and read only at the next. That a token has one successor is decided by its family's
-- rotation.
CREATE TABLE refresh_tokens (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    family TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);
