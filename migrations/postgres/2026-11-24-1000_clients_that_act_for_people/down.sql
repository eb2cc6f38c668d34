DROP INDEX clients_organization;
ALTER TABLE clients DROP COLUMN refresh_token_lifetime;
ALTER TABLE clients DROP COLUMN organization;
ALTER TABLE clients DROP COLUMN id_token_claims;
ALTER TABLE clients DROP COLUMN id_token_signed_response_alg;
ALTER TABLE clients DROP COLUMN consent;
ALTER TABLE clients DROP COLUMN require_pkce;
ALTER TABLE clients DROP COLUMN post_logout_redirect_uris;
