DROP TABLE group_clients;
