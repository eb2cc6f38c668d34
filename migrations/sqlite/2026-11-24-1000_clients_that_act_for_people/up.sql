-- What a client says about acting for people. The defaults are what a client registered by the release before means: it
-- knows none of these columns, and leaves them as they are when it changes a client.
ALTER TABLE clients ADD COLUMN post_logout_redirect_uris TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN require_pkce INTEGER NOT NULL DEFAULT 1 CHECK (require_pkce IN (0, 1));
ALTER TABLE clients ADD COLUMN consent TEXT NOT NULL DEFAULT 'explicit'
    CONSTRAINT clients_consent CHECK (consent IN ('explicit', 'implicit'));
ALTER TABLE clients ADD COLUMN id_token_signed_response_alg TEXT;
ALTER TABLE clients ADD COLUMN id_token_claims INTEGER NOT NULL DEFAULT 0 CHECK (id_token_claims IN (0, 1));
ALTER TABLE clients ADD COLUMN organization TEXT REFERENCES organizations (id);
ALTER TABLE clients ADD COLUMN refresh_token_lifetime INTEGER;

-- Asked when an organization is deleted.
CREATE INDEX clients_organization ON clients (organization) WHERE organization IS NOT NULL;
