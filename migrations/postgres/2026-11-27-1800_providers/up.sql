-- The catalogue of those for whom auths can be registered. Its fields and presets are JSON, as no query looks into them.
CREATE TABLE providers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    key TEXT COLLATE "C" NOT NULL CONSTRAINT providers_key UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    fields TEXT COLLATE "C" NOT NULL,
    presets TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITH (fillfactor = 90);
