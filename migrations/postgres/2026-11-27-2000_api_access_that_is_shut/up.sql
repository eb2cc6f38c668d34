-- Whether somebody has switched API access off by hand: then no request moves it.
ALTER TABLE organizations ADD COLUMN api_access_shut BOOLEAN NOT NULL DEFAULT FALSE
    CONSTRAINT organizations_api_access_shut CHECK (NOT api_access_shut OR api_access = 'disabled');
