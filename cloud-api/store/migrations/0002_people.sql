-- People of a realm (a town's code, or 'platform'), how they log in, machine clients, and the audit trail.
CREATE TABLE staff (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    granted TEXT NOT NULL,
    withheld TEXT NOT NULL,
    password TEXT,
    totp BYTEA,
    totp_step BIGINT NOT NULL,
    subject TEXT,
    failures BIGINT NOT NULL,
    locked_until BIGINT,
    enrolment BYTEA,
    enrolment_until BIGINT,
    left_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX staff_by_login ON staff (tenant, login);
CREATE UNIQUE INDEX staff_by_subject ON staff (tenant, subject);

-- A session is found by the hash of its secret; the secret itself is in the browser only.
CREATE TABLE sessions (
    tenant TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    staff TEXT NOT NULL,
    stage TEXT NOT NULL,
    csrf TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, secret_hash)
);
CREATE INDEX sessions_by_staff ON sessions (tenant, staff);

-- One attempt to log in through the town's OpenID provider; taken once.
CREATE TABLE sign_ins (
    tenant TEXT NOT NULL,
    state TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, state)
);

-- Machine clients (OAuth 2.0 client credentials, RFC 6749 section 4.4) and their tokens, by hash.
CREATE TABLE clients (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE TABLE access_tokens (
    tenant TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    client TEXT NOT NULL,
    scopes TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, token_hash)
);
CREATE INDEX access_tokens_by_end ON access_tokens (tenant, expires_at);

-- Each entry's hash covers the one before it. `audit_heads` holds the last of each realm and serialises its writers.
CREATE TABLE audit (
    tenant TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    deed TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (tenant, seq)
);
CREATE INDEX audit_by_time ON audit (tenant, at);
CREATE INDEX audit_by_object ON audit (tenant, object);
CREATE TABLE audit_heads (
    tenant TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
