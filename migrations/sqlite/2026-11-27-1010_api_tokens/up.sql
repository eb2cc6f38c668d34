-- API tokens, by the keyed hash of their value, one row for each whatever values it has had. No foreign keys: what a token rests on
-- is asked at every use, and one without its owner is good for nothing. Its levels are text, as no query looks into them.
CREATE TABLE api_tokens (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 26),
    owner_user TEXT,
    owner_client TEXT,
    owner_generation INTEGER NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    last_four TEXT NOT NULL,
    access TEXT NOT NULL,
    others TEXT CONSTRAINT api_tokens_others CHECK (others IN ('none', 'read', 'full')),
    allowed_ips TEXT NOT NULL,
    created_by_user TEXT,
    created_by_client TEXT,
    previous_digest BLOB CHECK (length(previous_digest) = 32),
    previous_pepper INTEGER,
    previous_expires_at INTEGER,
    issued_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    inactive_reason TEXT,
    CONSTRAINT api_tokens_owner CHECK ((owner_user IS NULL) <> (owner_client IS NULL))
) STRICT, WITHOUT ROWID;

-- No two values are one, and the former one of a token is found, too.
CREATE UNIQUE INDEX api_tokens_previous_digest ON api_tokens (previous_digest) WHERE previous_digest IS NOT NULL;

-- Asked for the tokens of somebody, page by page.
CREATE INDEX api_tokens_owner_user ON api_tokens (owner_user, id) WHERE owner_user IS NOT NULL;
CREATE INDEX api_tokens_owner_client ON api_tokens (owner_client, id) WHERE owner_client IS NOT NULL;

-- Asked for those that were taken back, page by page.
CREATE INDEX api_tokens_revoked ON api_tokens (id) WHERE revoked_at IS NOT NULL;

-- Asked when those that have ended are swept.
CREATE INDEX api_tokens_expires_at ON api_tokens (expires_at);
CREATE INDEX api_tokens_revoked_at ON api_tokens (revoked_at) WHERE revoked_at IS NOT NULL;
