-- The imported register of a town's core system (docs/core-system-import.md). No column names a person: residents and
-- households are found by keyed hashes, and what is known of a resident is sealed with a key of the town's.
CREATE TABLE core_registers (
    tenant TEXT NOT NULL PRIMARY KEY,
    -- The generation that an import last began with, and the one in use (0: none).
    last BIGINT NOT NULL,
    current BIGINT NOT NULL,
    -- How many imports have ended well; one that began before another ended changes nothing.
    changes BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    full_at BIGINT,
    loaded_at BIGINT,
    pulled_at BIGINT,
    rejected BIGINT NOT NULL,
    pull_cursor TEXT,
    pull_tried_at BIGINT,
    pull_problem TEXT
);

CREATE TABLE core_residents (
    tenant TEXT NOT NULL,
    generation BIGINT NOT NULL,
    resident BYTEA NOT NULL,
    household BYTEA NOT NULL,
    place BIGINT NOT NULL,
    by_address BYTEA NOT NULL,
    by_building BYTEA NOT NULL,
    -- NULL in a staged delta: the resident is taken out.
    sealed BYTEA,
    PRIMARY KEY (tenant, generation, resident)
);
CREATE INDEX core_residents_by_household ON core_residents (tenant, generation, household);
CREATE INDEX core_residents_by_address ON core_residents (tenant, generation, by_address);
CREATE INDEX core_residents_by_building ON core_residents (tenant, generation, by_building);
CREATE INDEX core_residents_by_place ON core_residents (tenant, generation, place);

-- Residents whose row was left out by the last import: their households are not whole.
CREATE TABLE core_holes (
    tenant TEXT NOT NULL,
    generation BIGINT NOT NULL,
    resident BYTEA NOT NULL,
    household BYTEA NOT NULL,
    PRIMARY KEY (tenant, generation, resident)
);
CREATE INDEX core_holes_by_household ON core_holes (tenant, generation, household);
