-- When API tokens, clients and client secrets were last used, and where from: beside them, because it is written so much more often.
CREATE TABLE last_uses (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    used_at BIGINT NOT NULL,
    address TEXT COLLATE "C"
) WITH (fillfactor = 50);
