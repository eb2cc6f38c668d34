-- What the members of a group may do at the management API, and the organization it counts in. The groups that are built in get
-- what they have always stood for.
ALTER TABLE groups ADD COLUMN organization TEXT REFERENCES organizations (id);
ALTER TABLE groups ADD COLUMN permissions TEXT NOT NULL DEFAULT '';

UPDATE groups SET permissions = 'organizations:read organizations:write users:read users:write groups:read groups:write '
    || 'apis:read apis:write clients:read clients:write api-tokens:read api-tokens:write api-tokens:self '
    || 'consents:read consents:write sessions:read sessions:write signing-keys:read signing-keys:rotate audit-events:read'
    WHERE name = 'Administrators';
UPDATE groups SET permissions = 'organizations:read users:read groups:read apis:read clients:read api-tokens:read '
    || 'consents:read sessions:read signing-keys:read audit-events:read'
    WHERE name = 'Auditors';
UPDATE groups SET permissions = 'api-tokens:self' WHERE name = 'Members';
