-- People, and the passwords of those whom the built-in directory vouches for. The foreign keys keep a password from
-- outliving its user, and an organization from vanishing under its users; both tables change too seldom to feel them.
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    username TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    email_verified INTEGER NOT NULL CHECK (email_verified IN (0, 1)),
    status TEXT NOT NULL CONSTRAINT users_status CHECK (status IN ('active', 'disabled')),
    organization TEXT REFERENCES organizations (id),
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (source, external_id)
) STRICT, WITHOUT ROWID;

-- Asked when an organization is deleted.
CREATE INDEX users_organization ON users (organization) WHERE organization IS NOT NULL;

CREATE TABLE passwords (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    hash TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
