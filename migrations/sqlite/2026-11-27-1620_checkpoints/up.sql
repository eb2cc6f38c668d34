-- Signed statements about the chain: that it had this link at this number (`checkpoint`), and up to where it was cut off (`cut`).
CREATE TABLE audit_statements (
    kind TEXT NOT NULL CHECK (kind IN ('checkpoint', 'cut')),
    seq INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    statement TEXT NOT NULL,
    PRIMARY KEY (kind, seq)
) STRICT, WITHOUT ROWID;
