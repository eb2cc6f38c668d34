-- Whether somebody else than its owner has switched an API account off: they alone do not switch it on again.
ALTER TABLE clients ADD COLUMN held_off INTEGER NOT NULL DEFAULT 0 CHECK (held_off IN (0, 1));
