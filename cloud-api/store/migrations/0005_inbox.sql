-- What clerks work with: when it is due, whose turn it is, what was corrected, and an index of names that names nobody.
ALTER TABLE applications ADD COLUMN due TEXT;
ALTER TABLE applications ADD COLUMN counters TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN reason TEXT;
ALTER TABLE applications ADD COLUMN claimed_by TEXT;
ALTER TABLE applications ADD COLUMN claimed_until BIGINT;
ALTER TABLE applications ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN alert BIGINT NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN indexed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX applications_by_state ON applications (tenant, state, received_at);
CREATE INDEX applications_not_indexed ON applications (tenant, indexed);

-- Keyed hashes of folded names and their beginnings; without the town's key they tell nothing.
CREATE TABLE application_names (
    tenant TEXT NOT NULL,
    token BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    application TEXT NOT NULL,
    PRIMARY KEY (tenant, token, received_at, application)
);

-- Corrections by staff: each revision is a whole application, sealed as the first one is. The first one stays as it came.
CREATE TABLE application_revisions (
    tenant TEXT NOT NULL,
    application TEXT NOT NULL,
    revision BIGINT NOT NULL,
    staff TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    envelope BYTEA NOT NULL,
    PRIMARY KEY (tenant, application, revision)
);
