-- What a client says about acting for people. The defaults are what a client registered by the release before means: it
-- knows none of these columns, and leaves them as they are when it changes a client.
ALTER TABLE clients ADD COLUMN post_logout_redirect_uris TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN require_pkce BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE clients ADD COLUMN consent TEXT COLLATE "C" NOT NULL DEFAULT 'explicit'
    CONSTRAINT clients_consent CHECK (consent IN ('explicit', 'implicit'));
ALTER TABLE clients ADD COLUMN id_token_signed_response_alg TEXT COLLATE "C";
ALTER TABLE clients ADD COLUMN id_token_claims BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE clients ADD COLUMN organization TEXT COLLATE "C" REFERENCES organizations (id);
ALTER TABLE clients ADD COLUMN refresh_token_lifetime BIGINT;

-- Asked when an organization is deleted.
CREATE INDEX clients_organization ON clients (organization) WHERE organization IS NOT NULL;
