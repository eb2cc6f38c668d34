-- What people allow clients, once for each user, client and API; the empty text stands for the server itself, because a
-- unique key lets any number of NULLs by. A user who is being deleted cannot be given a consent: the foreign key says so.
CREATE TABLE consents (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    client TEXT COLLATE "C" NOT NULL,
    api TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    revoked_at BIGINT,
    UNIQUE (user_id, client, api)
);
