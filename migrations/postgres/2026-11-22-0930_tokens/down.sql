DROP TABLE revoked_jwts;
DROP TABLE opaque_tokens;
