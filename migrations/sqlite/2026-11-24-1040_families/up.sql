-- Families of tokens, which decide, and their refresh tokens, by their keyed hash. No foreign keys: a family is begun with
-- every redeemed code and a refresh token written with every refresh, each would pay for its look-ups, and all that a
-- family rests on is asked again at every use.
CREATE TABLE families (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    client TEXT NOT NULL,
    client_generation INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    user_generation INTEGER NOT NULL,
    session TEXT NOT NULL,
    offline INTEGER NOT NULL CHECK (offline IN (0, 1)),
    consent TEXT,
    consent_generation INTEGER,
    scope TEXT NOT NULL,
    api TEXT,
    auth_time INTEGER NOT NULL,
    amr TEXT NOT NULL,
    acr TEXT NOT NULL,
    newest INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- None of them holds a column that a refresh changes.
CREATE INDEX families_session ON families (session);
CREATE INDEX families_consent ON families (consent) WHERE consent IS NOT NULL;
CREATE INDEX families_revoked_at ON families (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX families_expires_at ON families (expires_at);

-- With row numbers: one is written with every refresh and read only at the next. Rows and sweeping index grow at their ends,
-- where all of a batch share a page; the digest alone goes to a random one. That a token has one successor is decided by its
-- family's rotation.
CREATE TABLE refresh_tokens (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    family TEXT NOT NULL,
    number INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);
