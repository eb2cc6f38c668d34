ALTER TABLE client_secrets DROP COLUMN expires_at;

ALTER TABLE clients DROP COLUMN expires_at;
ALTER TABLE clients DROP COLUMN public_url;
ALTER TABLE clients DROP COLUMN access;
ALTER TABLE clients DROP COLUMN allowed_ips;
