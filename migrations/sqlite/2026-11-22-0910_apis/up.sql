-- Registered APIs, the scopes they understand, and the clients that may introspect their tokens.
CREATE TABLE apis (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    identifier TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    documentation_url TEXT,
    status TEXT NOT NULL CONSTRAINT apis_status CHECK (status IN ('active', 'inactive')),
    token_format TEXT NOT NULL CONSTRAINT apis_token_format CHECK (token_format IN ('jwt', 'opaque')),
    signing_algorithm TEXT,
    access_token_lifetime INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_scopes (
    api TEXT NOT NULL REFERENCES apis (id),
    ordinal INTEGER NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (api, ordinal),
    UNIQUE (api, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_introspection_clients (
    api TEXT NOT NULL REFERENCES apis (id),
    ordinal INTEGER NOT NULL,
    client TEXT NOT NULL REFERENCES clients (id),
    PRIMARY KEY (api, ordinal),
    UNIQUE (client, api)
) STRICT, WITHOUT ROWID;
