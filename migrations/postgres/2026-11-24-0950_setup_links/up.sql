-- Links with which a person sets a password, once. They are seldom made, so the foreign key costs nobody anything, and a
-- link for nobody is a mistake worth refusing.
CREATE TABLE setup_links (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    user_generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX setup_links_expires_at ON setup_links (expires_at);

-- Asked when a user is deleted.
CREATE INDEX setup_links_user_id ON setup_links (user_id);
