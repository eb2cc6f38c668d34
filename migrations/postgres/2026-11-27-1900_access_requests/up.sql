-- Requests for API access, with what was decided about them. No foreign keys: they tell what was once asked and given, and what an
-- approval gives is asked of the account that it made. An approval that has run out is one by its end, not by its word.
CREATE TABLE access_requests (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    user_id TEXT COLLATE "C" NOT NULL,
    organization TEXT COLLATE "C",
    message TEXT COLLATE "C" NOT NULL,
    wished TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL CONSTRAINT access_requests_status
        CHECK (status IN ('requested', 'approved', 'denied', 'withdrawn', 'revoked')),
    access TEXT COLLATE "C" NOT NULL,
    allowed_ips TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT,
    api_account TEXT COLLATE "C",
    decided_by_user TEXT COLLATE "C",
    decided_by_client TEXT COLLATE "C",
    decided_at BIGINT,
    reason TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    reviewed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITH (fillfactor = 90);

-- One person has one open request, for each organization that they belong to or have belonged to.
CREATE UNIQUE INDEX access_requests_open ON access_requests (user_id, (COALESCE(organization, ''))) WHERE status = 'requested';

-- Asked for those of somebody, of an organization, and of one word, page by page.
CREATE INDEX access_requests_user ON access_requests (user_id, id);
CREATE INDEX access_requests_organization ON access_requests (organization, id);
CREATE INDEX access_requests_status ON access_requests (status, id);
