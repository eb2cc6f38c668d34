-- How often each API account was used at each API on each day (in UTC, since 1970), and from where last. No foreign keys: they are
-- written every few seconds, and go with the account.
CREATE TABLE account_uses (
    account TEXT COLLATE "C" NOT NULL CHECK (length(account) = 26),
    day BIGINT NOT NULL,
    api TEXT COLLATE "C" NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (account, day, api)
) WITH (fillfactor = 50);

CREATE TABLE account_addresses (
    account TEXT COLLATE "C" NOT NULL CHECK (length(account) = 26),
    address TEXT COLLATE "C" NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (account, address)
) WITH (fillfactor = 50);

-- Asked for what is too old.
CREATE INDEX account_uses_day ON account_uses (day, account);
CREATE INDEX account_addresses_last_used_at ON account_addresses (last_used_at);
