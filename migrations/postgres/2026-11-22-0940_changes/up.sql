-- The feed by which caches learn of changes. The counter gives out the numbers: they never come back, not even when all
-- changes were forgotten, and its row lock makes their order the order of the commits.
CREATE TABLE last_revision (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    revision BIGINT NOT NULL
) WITH (fillfactor = 10);

INSERT INTO last_revision (only_row, revision) VALUES (1, 0);

CREATE TABLE changes (
    revision BIGINT NOT NULL PRIMARY KEY,
    noun TEXT COLLATE "C" NOT NULL,
    record TEXT COLLATE "C"
);
