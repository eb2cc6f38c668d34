-- Why a secret was taken back: whoever holds its client sees that it was, and what for.
ALTER TABLE client_secrets ADD COLUMN inactive_reason TEXT;

-- Asked by the broom, for which few of all secrets are any.
CREATE INDEX client_secrets_revoked ON client_secrets (expires_at) WHERE inactive_reason IS NOT NULL;
