-- Changes that were made under a key of the caller's, for as long as it may be sent again, with the sealed answer. That may
-- be long, so on SQLite the table keeps its rowids, and on PostgreSQL its pages have room for it.
CREATE TABLE idempotency_keys (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    request BLOB NOT NULL CHECK (length(request) = 32),
    objects TEXT NOT NULL,
    answer BLOB,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
