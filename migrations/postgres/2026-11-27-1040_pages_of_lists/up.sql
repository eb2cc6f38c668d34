-- Lists are read page by page in the order of identifiers, also those of an organization, a group or a user.
DROP INDEX clients_organization;
CREATE INDEX clients_organization ON clients (organization, id) WHERE organization IS NOT NULL;

DROP INDEX users_organization;
CREATE INDEX users_organization ON users (organization, id) WHERE organization IS NOT NULL;

DROP INDEX group_members_group_id;
CREATE INDEX group_members_group_id ON group_members (group_id, user_id);

CREATE INDEX users_username ON users (username);
CREATE INDEX sessions_user_id ON sessions (user_id, id);
