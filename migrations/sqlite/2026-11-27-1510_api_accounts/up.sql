-- An API account is a client of kind `service`; it belongs to a user, or, where none is named, to its organization.
ALTER TABLE clients ADD COLUMN kind TEXT NOT NULL DEFAULT 'application' CHECK (kind IN ('application', 'service'));
ALTER TABLE clients ADD COLUMN owner_user TEXT;

-- Asked for the accounts of somebody, and for all, page by page.
CREATE INDEX clients_owner_user ON clients (owner_user, id) WHERE owner_user IS NOT NULL;
CREATE INDEX clients_service ON clients (id) WHERE kind = 'service';
