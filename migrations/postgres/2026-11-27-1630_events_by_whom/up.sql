-- Auditors ask for the events of one person, client, token, organization, object or address, page by page.
CREATE INDEX events_user ON events (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX events_client ON events (client, id) WHERE client IS NOT NULL;
CREATE INDEX events_api_token ON events (api_token, id) WHERE api_token IS NOT NULL;
CREATE INDEX events_organization ON events (organization, id) WHERE organization IS NOT NULL;
CREATE INDEX events_about ON events (about, id) WHERE about IS NOT NULL;
CREATE INDEX events_address ON events (address, id) WHERE address IS NOT NULL;
