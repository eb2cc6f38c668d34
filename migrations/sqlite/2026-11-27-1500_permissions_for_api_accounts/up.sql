-- The built-in groups get what the new permissions let them stand for, unless somebody has given them permissions of another
-- choice: an administrator is whoever may do everything, and that has become more.
UPDATE groups SET permissions = permissions || ' access-requests:read access-requests:decide access-requests:self '
    || 'api-accounts:read api-accounts:write api-accounts:self providers:read providers:write '
    || 'registered-auths:read registered-auths:write registered-auths:reveal'
    WHERE name = 'Administrators' AND permissions LIKE '%signing-keys:rotate%' AND permissions LIKE '%groups:write%'
    AND permissions LIKE '%users:write%' AND permissions LIKE '%api-tokens:write%' AND permissions LIKE '%audit-events:read%';
UPDATE groups SET permissions = permissions || ' access-requests:read api-accounts:read providers:read registered-auths:read'
    WHERE name = 'Auditors' AND permissions LIKE '%audit-events:read%' AND permissions NOT LIKE '%:write%';
UPDATE groups SET permissions = permissions || ' access-requests:self api-accounts:self providers:read registered-auths:reveal'
    WHERE name = 'Members' AND permissions = 'api-tokens:self';
