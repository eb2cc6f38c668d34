-- API tokens, by the keyed hash of their value, one row for each whatever values it has had. No foreign keys: what a token rests on
-- is asked at every use, and one without its owner is good for nothing. Its levels are text, as no query looks into them.
CREATE TABLE api_tokens (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    id TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(id) = 26),
    owner_user TEXT COLLATE "C",
    owner_client TEXT COLLATE "C",
    owner_generation BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    last_four TEXT COLLATE "C" NOT NULL,
    access TEXT COLLATE "C" NOT NULL,
    others TEXT COLLATE "C" CONSTRAINT api_tokens_others CHECK (others IN ('none', 'read', 'full')),
    allowed_ips TEXT COLLATE "C" NOT NULL,
    created_by_user TEXT COLLATE "C",
    created_by_client TEXT COLLATE "C",
    previous_digest BYTEA CHECK (length(previous_digest) = 32),
    previous_pepper INTEGER,
    previous_expires_at BIGINT,
    issued_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    inactive_reason TEXT COLLATE "C",
    CONSTRAINT api_tokens_owner CHECK ((owner_user IS NULL) <> (owner_client IS NULL))
) WITH (fillfactor = 90);

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
