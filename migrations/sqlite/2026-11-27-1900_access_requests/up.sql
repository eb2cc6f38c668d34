-- Requests for API access, with what was decided about them. No foreign keys: they tell what was once asked and given, and what an
-- approval gives is asked of the account that it made. An approval that has run out is one by its end, not by its word.
CREATE TABLE access_requests (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    user_id TEXT NOT NULL,
    organization TEXT,
    message TEXT NOT NULL,
    wished TEXT NOT NULL,
    status TEXT NOT NULL CONSTRAINT access_requests_status
        CHECK (status IN ('requested', 'approved', 'denied', 'withdrawn', 'revoked')),
    access TEXT NOT NULL,
    allowed_ips TEXT NOT NULL,
    expires_at INTEGER,
    api_account TEXT,
    decided_by_user TEXT,
    decided_by_client TEXT,
    decided_at INTEGER,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    reviewed_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One person has one open request, for each organization that they belong to or have belonged to.
CREATE UNIQUE INDEX access_requests_open ON access_requests (user_id, (COALESCE(organization, ''))) WHERE status = 'requested';

-- Asked for those of somebody, of an organization, and of one word, page by page.
CREATE INDEX access_requests_user ON access_requests (user_id, id);
CREATE INDEX access_requests_organization ON access_requests (organization, id);
CREATE INDEX access_requests_status ON access_requests (status, id);
