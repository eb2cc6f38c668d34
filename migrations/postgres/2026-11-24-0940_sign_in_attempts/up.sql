-- Attempts to sign in, by the keyed hash of the account's name, whether there is such an account or not.
CREATE TABLE sign_in_attempts (
    account BYTEA NOT NULL PRIMARY KEY CHECK (length(account) = 32),
    began_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX sign_in_attempts_began_at ON sign_in_attempts (began_at);
