-- Where a client may be used from, what it may do at which API, where people find it, and when it and each of its secrets end.
-- The defaults are what a client registered by the release before means: from everywhere, limited by its scopes alone, for ever.
ALTER TABLE clients ADD COLUMN allowed_ips TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN access TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN public_url TEXT;
ALTER TABLE clients ADD COLUMN expires_at INTEGER;

ALTER TABLE client_secrets ADD COLUMN expires_at INTEGER;
