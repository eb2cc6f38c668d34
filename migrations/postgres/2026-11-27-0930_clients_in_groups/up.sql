-- The clients in each group.
CREATE TABLE group_clients (
    client TEXT COLLATE "C" NOT NULL REFERENCES clients (id),
    group_id TEXT COLLATE "C" NOT NULL REFERENCES groups (id),
    PRIMARY KEY (client, group_id)
);

-- Asked for the clients in a group, and when it is deleted.
CREATE INDEX group_clients_group_id ON group_clients (group_id, client);
