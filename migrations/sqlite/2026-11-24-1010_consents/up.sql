-- What people allow clients, once for each user, client and API; the empty text stands for the server itself, because a
-- unique key lets any number of NULLs by. A user who is being deleted cannot be given a consent: the foreign key says so.
CREATE TABLE consents (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    user_id TEXT NOT NULL REFERENCES users (id),
    client TEXT NOT NULL,
    api TEXT NOT NULL,
    scope TEXT NOT NULL,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revoked_at INTEGER,
    UNIQUE (user_id, client, api)
) STRICT, WITHOUT ROWID;
