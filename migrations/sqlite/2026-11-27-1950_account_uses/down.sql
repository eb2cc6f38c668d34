DROP TABLE account_addresses;
DROP TABLE account_uses;
