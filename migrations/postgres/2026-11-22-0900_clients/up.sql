-- Clients and their secrets. A deleted client stays as a tombstone, so that its client_id is never given away again.
CREATE TABLE clients (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    client_id TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL CONSTRAINT clients_status CHECK (status IN ('active', 'inactive')),
    auth_method TEXT COLLATE "C" NOT NULL,
    grant_types TEXT COLLATE "C" NOT NULL,
    redirect_uris TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    default_scopes TEXT COLLATE "C" NOT NULL,
    access_token_lifetime BIGINT,
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);

CREATE TABLE client_secrets (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    client TEXT COLLATE "C" NOT NULL REFERENCES clients (id),
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    last_four TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX client_secrets_client ON client_secrets (client);
