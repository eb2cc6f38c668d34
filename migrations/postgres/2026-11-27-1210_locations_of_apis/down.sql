DROP TABLE api_locations;
