-- How often each API account was used at each API on each day (in UTC, since 1970), and from where last. No foreign keys: they are
-- written every few seconds, and go with the account.
CREATE TABLE account_uses (
    account TEXT NOT NULL CHECK (length(account) = 26),
    day INTEGER NOT NULL,
    api TEXT NOT NULL,
    uses INTEGER NOT NULL,
    PRIMARY KEY (account, day, api)
) STRICT, WITHOUT ROWID;

CREATE TABLE account_addresses (
    account TEXT NOT NULL CHECK (length(account) = 26),
    address TEXT NOT NULL,
    last_used_at INTEGER NOT NULL,
    PRIMARY KEY (account, address)
) STRICT, WITHOUT ROWID;

-- Asked for what is too old.
CREATE INDEX account_uses_day ON account_uses (day, account);
CREATE INDEX account_addresses_last_used_at ON account_addresses (last_used_at);
