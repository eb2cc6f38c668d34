-- Changes that were made under a key of the caller's, for as long as it may be sent again, with the sealed answer. That may
-- be long, so on SQLite the table keeps its rowids, and on PostgreSQL its pages have room for it.
CREATE TABLE idempotency_keys (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    request BYTEA NOT NULL CHECK (length(request) = 32),
    objects TEXT COLLATE "C" NOT NULL,
    answer BYTEA,
    created_at BIGINT NOT NULL
) WITH (fillfactor = 50);

CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
