DROP INDEX client_secrets_revoked;
ALTER TABLE client_secrets DROP COLUMN inactive_reason;
