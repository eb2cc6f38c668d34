-- Where an API is reached: each place is one API's, and they go with it, also where the release before deletes it.
CREATE TABLE api_locations (
    api TEXT NOT NULL REFERENCES apis (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    location TEXT NOT NULL UNIQUE,
    PRIMARY KEY (api, ordinal)
) STRICT, WITHOUT ROWID;
