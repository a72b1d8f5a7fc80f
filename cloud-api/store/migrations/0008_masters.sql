-- What a town says of itself: sites, counters, hours, closed days, fees. Each change is a whole document with the next
-- revision; the former ones stay.
CREATE TABLE masters (
    tenant TEXT NOT NULL,
    revision BIGINT NOT NULL,
    document TEXT NOT NULL,
    part TEXT NOT NULL,
    staff TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, revision)
);
