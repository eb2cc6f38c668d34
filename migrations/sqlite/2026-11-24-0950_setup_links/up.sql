-- Links with which a person sets a password, once. They are seldom made, so the foreign key costs nobody anything, and a
-- link for nobody is a mistake worth refusing.
CREATE TABLE setup_links (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    user_generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX setup_links_expires_at ON setup_links (expires_at);

-- Asked when a user is deleted.
CREATE INDEX setup_links_user_id ON setup_links (user_id);
