-- Whether somebody has switched API access off by hand: then no request moves it.
ALTER TABLE organizations ADD COLUMN api_access_shut INTEGER NOT NULL DEFAULT 0
    CONSTRAINT organizations_api_access_shut CHECK (api_access_shut = 0 OR api_access_shut = 1 AND api_access = 'disabled');
