DROP INDEX clients_service;
DROP INDEX clients_owner_user;
ALTER TABLE clients DROP COLUMN owner_user;
ALTER TABLE clients DROP COLUMN kind;
