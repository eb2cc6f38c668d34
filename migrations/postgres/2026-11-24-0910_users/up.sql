-- People, and the passwords of those whom the built-in directory vouches for. The foreign keys keep a password from
-- outliving its user, and an organization from vanishing under its users; both tables change too seldom to feel them.
CREATE TABLE users (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    source TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    username TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    email_verified BOOLEAN NOT NULL,
    status TEXT COLLATE "C" NOT NULL CONSTRAINT users_status CHECK (status IN ('active', 'disabled')),
    organization TEXT COLLATE "C" REFERENCES organizations (id),
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (source, external_id)
);

-- Asked when an organization is deleted.
CREATE INDEX users_organization ON users (organization) WHERE organization IS NOT NULL;

CREATE TABLE passwords (
    user_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES users (id),
    hash TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL
);
