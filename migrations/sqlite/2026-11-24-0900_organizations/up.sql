-- The companies that users and clients belong to.
CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    name TEXT NOT NULL,
    status TEXT NOT NULL CONSTRAINT organizations_status CHECK (status IN ('active', 'inactive')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
