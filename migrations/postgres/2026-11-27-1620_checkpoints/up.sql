-- Signed statements about the chain: that it had this link at this number (`checkpoint`), and up to where it was cut off (`cut`).
CREATE TABLE audit_statements (
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('checkpoint', 'cut')),
    seq BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    statement TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, seq)
);
