-- Requests on their way through the pages, once a person has done something in them. Goal and progress are JSON: no query
-- looks into them, and they grow with the pages.
CREATE TABLE interactions (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pepper INTEGER NOT NULL,
    browser BYTEA NOT NULL CHECK (length(browser) = 32),
    goal TEXT COLLATE "C" NOT NULL,
    progress TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX interactions_created_at ON interactions (created_at);
