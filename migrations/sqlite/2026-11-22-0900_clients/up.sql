-- Clients and their secrets. A deleted client stays as a tombstone, so that its client_id is never given away again.
CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    client_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL CONSTRAINT clients_status CHECK (status IN ('active', 'inactive')),
    auth_method TEXT NOT NULL,
    grant_types TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    scopes TEXT NOT NULL,
    default_scopes TEXT NOT NULL,
    access_token_lifetime INTEGER,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;

CREATE TABLE client_secrets (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    client TEXT NOT NULL REFERENCES clients (id),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    last_four TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX client_secrets_client ON client_secrets (client);
