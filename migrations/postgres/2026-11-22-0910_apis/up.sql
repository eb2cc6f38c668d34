-- Registered APIs, the scopes they understand, and the clients that may introspect their tokens.
CREATE TABLE apis (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    identifier TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    documentation_url TEXT COLLATE "C",
    status TEXT COLLATE "C" NOT NULL CONSTRAINT apis_status CHECK (status IN ('active', 'inactive')),
    token_format TEXT COLLATE "C" NOT NULL CONSTRAINT apis_token_format CHECK (token_format IN ('jwt', 'opaque')),
    signing_algorithm TEXT COLLATE "C",
    access_token_lifetime BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE api_scopes (
    api TEXT COLLATE "C" NOT NULL REFERENCES apis (id),
    ordinal INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (api, ordinal),
    UNIQUE (api, name)
);

CREATE TABLE api_introspection_clients (
    api TEXT COLLATE "C" NOT NULL REFERENCES apis (id),
    ordinal INTEGER NOT NULL,
    client TEXT COLLATE "C" NOT NULL REFERENCES clients (id),
    PRIMARY KEY (api, ordinal),
    UNIQUE (client, api)
);
