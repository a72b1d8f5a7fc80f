-- When guesses at one name, or from one address, are let in again. Buckets are hashes: people also type passwords where the
-- log-in name belongs. `failures` and `locked_until` of `staff` are no longer used.
CREATE TABLE log_in_limits (
    tenant TEXT NOT NULL,
    bucket BYTEA NOT NULL,
    full_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, bucket)
);
CREATE INDEX log_in_limits_by_end ON log_in_limits (tenant, full_at);

-- Failures of a window that has not ended; the trail gets their number when it has.
CREATE TABLE failed_tries (
    tenant TEXT NOT NULL,
    event TEXT NOT NULL,
    reason TEXT NOT NULL,
    object TEXT NOT NULL,
    address TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    more BIGINT NOT NULL,
    PRIMARY KEY (tenant, event, reason, object, address)
);
