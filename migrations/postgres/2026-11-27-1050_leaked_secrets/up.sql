-- Whoever finds a client's secret presents it, and says nothing of the client.
CREATE INDEX client_secrets_digest ON client_secrets (digest);
