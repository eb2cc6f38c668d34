DROP INDEX sessions_user_id;
DROP INDEX users_username;

DROP INDEX group_members_group_id;
CREATE INDEX group_members_group_id ON group_members (group_id);

DROP INDEX users_organization;
CREATE INDEX users_organization ON users (organization) WHERE organization IS NOT NULL;

DROP INDEX clients_organization;
CREATE INDEX clients_organization ON clients (organization) WHERE organization IS NOT NULL;
