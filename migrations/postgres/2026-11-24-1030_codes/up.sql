-- Authorization codes, by their keyed hash. No foreign keys, as for opaque tokens: each insert would pay for five look-ups,
-- and all that a code rests on is asked again when it is redeemed. Without a challenge it is bound to the client alone.
CREATE TABLE codes (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    family TEXT COLLATE "C" NOT NULL,
    client TEXT COLLATE "C" NOT NULL,
    client_generation BIGINT NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    user_generation BIGINT NOT NULL,
    session TEXT COLLATE "C" NOT NULL,
    consent TEXT COLLATE "C",
    consent_generation BIGINT,
    redirect_uri TEXT COLLATE "C" NOT NULL,
    redirect_uri_given BOOLEAN NOT NULL,
    challenge TEXT COLLATE "C",
    scope TEXT COLLATE "C" NOT NULL,
    api TEXT COLLATE "C",
    nonce TEXT COLLATE "C",
    auth_time BIGINT NOT NULL,
    amr TEXT COLLATE "C" NOT NULL,
    acr TEXT COLLATE "C" NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX codes_expires_at ON codes (expires_at);
