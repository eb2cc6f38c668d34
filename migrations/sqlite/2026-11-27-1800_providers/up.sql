-- The catalogue of those for whom auths can be registered. Its fields and presets are JSON, as no query looks into them.
CREATE TABLE providers (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    fields TEXT NOT NULL,
    presets TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
