DROP INDEX events_address;
DROP INDEX events_about;
DROP INDEX events_organization;
DROP INDEX events_api_token;
DROP INDEX events_client;
DROP INDEX events_user;
