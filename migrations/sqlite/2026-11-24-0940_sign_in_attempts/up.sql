-- Attempts to sign in, by the keyed hash of the account's name, whether there is such an account or not.
CREATE TABLE sign_in_attempts (
    account BLOB NOT NULL PRIMARY KEY CHECK (length(account) = 32),
    began_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_attempts_began_at ON sign_in_attempts (began_at);
