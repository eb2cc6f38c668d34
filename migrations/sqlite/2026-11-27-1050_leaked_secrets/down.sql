DROP INDEX client_secrets_digest;
