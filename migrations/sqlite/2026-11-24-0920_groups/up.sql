-- Groups, and who is in them.
CREATE TABLE groups (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE group_members (
    user_id TEXT NOT NULL REFERENCES users (id),
    group_id TEXT NOT NULL REFERENCES groups (id),
    PRIMARY KEY (user_id, group_id)
) STRICT, WITHOUT ROWID;

-- Asked when a group is deleted.
CREATE INDEX group_members_group_id ON group_members (group_id);
