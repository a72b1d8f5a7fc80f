-- Secrets of machine clients: fetched once by the client's own people, confirmed by a second administrator, over after a year.
-- `secret_hash` of `clients` is no longer used. NULL in `confirmation_number`: confirmed; in `expires_at`: never over.
CREATE TABLE client_secrets (
    tenant TEXT NOT NULL,
    client TEXT NOT NULL,
    id TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    pickup BYTEA,
    pickup_until BIGINT,
    confirmation_number TEXT,
    asked_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (tenant, client, id)
);
CREATE INDEX client_secrets_by_pickup ON client_secrets (tenant, pickup);
INSERT INTO client_secrets (tenant, client, id, secret_hash, asked_by, created_at)
    SELECT tenant, id, id, secret_hash, '', created_at FROM clients;
