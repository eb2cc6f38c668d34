DROP TABLE api_introspection_clients;
DROP TABLE api_scopes;
DROP TABLE apis;
