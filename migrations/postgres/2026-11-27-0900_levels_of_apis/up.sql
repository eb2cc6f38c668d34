-- What an API says about API tokens: how long they live at most, what their levels mean, and how a gate treats a preflight.
-- The defaults are what an API registered by the release before means: nobody has said anything.
ALTER TABLE apis ADD COLUMN max_token_lifetime BIGINT;
ALTER TABLE apis ADD COLUMN read_methods TEXT COLLATE "C" NOT NULL DEFAULT 'GET HEAD OPTIONS';
ALTER TABLE apis ADD COLUMN read_paths TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE apis ADD COLUMN read_scopes TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE apis ADD COLUMN full_methods TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE apis ADD COLUMN full_paths TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE apis ADD COLUMN full_scopes TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE apis ADD COLUMN by_any_scope BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE apis ADD COLUMN preflight TEXT COLLATE "C" NOT NULL DEFAULT 'allow'
    CONSTRAINT apis_preflight CHECK (preflight IN ('allow', 'deny'));
