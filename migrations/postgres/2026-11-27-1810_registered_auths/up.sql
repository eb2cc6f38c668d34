-- Third parties' credentials, kept under API accounts. Secrets are in one envelope, whose version of the master key stands beside
-- it: what waits to be wrapped anew is asked for. Values and names are JSON, as no query looks into them.
CREATE TABLE registered_auths (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    account TEXT COLLATE "C" NOT NULL REFERENCES clients (id),
    provider TEXT COLLATE "C" NOT NULL REFERENCES providers (key),
    label TEXT COLLATE "C" NOT NULL,
    testing BOOLEAN NOT NULL,
    preset TEXT COLLATE "C",
    release_to TEXT COLLATE "C" NOT NULL CONSTRAINT registered_auths_release_to CHECK (release_to IN ('never', 'api_account')),
    fields TEXT COLLATE "C" NOT NULL,
    secrets TEXT COLLATE "C" NOT NULL,
    sealed BYTEA,
    sealed_version BIGINT,
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT registered_auths_sealed CHECK ((sealed IS NULL) = (sealed_version IS NULL))
) WITH (fillfactor = 90);

-- Asked for the auths of an account, page by page.
CREATE INDEX registered_auths_account ON registered_auths (account, id);
-- Asked before a provider changes or goes.
CREATE INDEX registered_auths_provider ON registered_auths (provider);
-- Asked for what an older master key still opens, and counted by it.
CREATE INDEX registered_auths_sealed_version ON registered_auths (sealed_version, id) WHERE sealed_version IS NOT NULL;
