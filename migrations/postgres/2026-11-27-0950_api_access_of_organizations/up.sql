-- Whether the people of an organization have API access.
ALTER TABLE organizations ADD COLUMN api_access TEXT COLLATE "C" NOT NULL DEFAULT 'disabled'
    CONSTRAINT organizations_api_access CHECK (api_access IN ('disabled', 'requested', 'enabled'));
