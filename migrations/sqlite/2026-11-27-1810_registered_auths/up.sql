-- Third parties' credentials, kept under API accounts. Secrets are in one envelope, whose version of the master key stands beside
-- it: what waits to be wrapped anew is asked for. Values and names are JSON, as no query looks into them.
CREATE TABLE registered_auths (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    account TEXT NOT NULL REFERENCES clients (id),
    provider TEXT NOT NULL REFERENCES providers (key),
    label TEXT NOT NULL,
    testing INTEGER NOT NULL CHECK (testing IN (0, 1)),
    preset TEXT,
    release_to TEXT NOT NULL CHECK (release_to IN ('never', 'api_account')),
    fields TEXT NOT NULL,
    secrets TEXT NOT NULL,
    sealed BLOB,
    sealed_version INTEGER,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT registered_auths_sealed CHECK ((sealed IS NULL) = (sealed_version IS NULL))
) STRICT;

-- Asked for the auths of an account, page by page.
CREATE INDEX registered_auths_account ON registered_auths (account, id);
-- Asked before a provider changes or goes.
CREATE INDEX registered_auths_provider ON registered_auths (provider);
-- Asked for what an older master key still opens, and counted by it.
CREATE INDEX registered_auths_sealed_version ON registered_auths (sealed_version, id) WHERE sealed_version IS NOT NULL;
