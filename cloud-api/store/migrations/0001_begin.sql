-- One dialect for SQLite and PostgreSQL. Times are milliseconds since 1970 (UTC). BYTEA is spelled BLOB on SQLite.
CREATE TABLE nonces (
    tenant TEXT NOT NULL,
    kiosk TEXT NOT NULL,
    id TEXT NOT NULL,
    nonce BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX nonces_by_end ON nonces (expires_at);

-- The envelope stays sealed at rest; the columns beside it name no person.
CREATE TABLE applications (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    kiosk TEXT NOT NULL,
    reception TEXT NOT NULL,
    event TEXT NOT NULL,
    as_of TEXT NOT NULL,
    forms BIGINT NOT NULL,
    card TEXT NOT NULL,
    notes BIGINT NOT NULL,
    state TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    envelope BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX applications_by_time ON applications (tenant, received_at);
CREATE INDEX applications_by_reception ON applications (tenant, reception);

CREATE TABLE kiosks (
    tenant TEXT NOT NULL,
    kiosk TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    heartbeat TEXT NOT NULL,
    PRIMARY KEY (tenant, kiosk)
);

CREATE TABLE kiosk_events (
    tenant TEXT NOT NULL,
    kiosk TEXT NOT NULL,
    kind TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tenant, kiosk, kind)
);

CREATE TABLE staff_calls (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    kiosk TEXT NOT NULL,
    reason TEXT NOT NULL,
    called_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX staff_calls_by_time ON staff_calls (tenant, called_at);
