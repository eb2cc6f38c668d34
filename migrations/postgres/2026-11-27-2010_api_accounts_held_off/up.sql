-- Whether somebody else than its owner has switched an API account off: they alone do not switch it on again.
ALTER TABLE clients ADD COLUMN held_off BOOLEAN NOT NULL DEFAULT FALSE;
