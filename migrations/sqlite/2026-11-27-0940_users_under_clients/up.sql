-- Whom to ask about a user, the generation of their API tokens, and the clients they belong to.
ALTER TABLE users ADD COLUMN contact TEXT;
ALTER TABLE users ADD COLUMN token_generation INTEGER NOT NULL DEFAULT 0;

CREATE TABLE user_clients (
    user_id TEXT NOT NULL REFERENCES users (id),
    client TEXT NOT NULL REFERENCES clients (id),
    PRIMARY KEY (user_id, client)
) STRICT, WITHOUT ROWID;

-- Asked for those whose API tokens have been taken back all at once.
CREATE INDEX users_token_generation ON users (token_generation);

-- Asked for the users under a client, and when it is deleted.
CREATE INDEX user_clients_client ON user_clients (client, user_id);
