-- Authorization codes, by their keyed hash. No foreign keys, as for opaque tokens: each insert would pay for five look-ups,
-- and all that a code rests on is asked again when it is redeemed. Without a challenge it is bound to the client alone.
CREATE TABLE codes (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    family TEXT NOT NULL,
    client TEXT NOT NULL,
    client_generation INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    user_generation INTEGER NOT NULL,
    session TEXT NOT NULL,
    consent TEXT,
    consent_generation INTEGER,
    redirect_uri TEXT NOT NULL,
    redirect_uri_given INTEGER NOT NULL CHECK (redirect_uri_given IN (0, 1)),
    challenge TEXT,
    scope TEXT NOT NULL,
    api TEXT,
    nonce TEXT,
    auth_time INTEGER NOT NULL,
    amr TEXT NOT NULL,
    acr TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX codes_expires_at ON codes (expires_at);
