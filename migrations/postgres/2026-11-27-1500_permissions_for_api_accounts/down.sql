UPDATE groups SET permissions = replace(permissions, ' access-requests:read access-requests:decide access-requests:self '
    || 'api-accounts:read api-accounts:write api-accounts:self providers:read providers:write '
    || 'registered-auths:read registered-auths:write registered-auths:reveal', '') WHERE name = 'Administrators';
UPDATE groups SET permissions = replace(permissions,
    ' access-requests:read api-accounts:read providers:read registered-auths:read', '') WHERE name = 'Auditors';
UPDATE groups SET permissions = replace(permissions,
    ' access-requests:self api-accounts:self providers:read registered-auths:reveal', '') WHERE name = 'Members';
