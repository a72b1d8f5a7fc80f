-- Names of an application's people, sealed with a key of the town's and padded, read through for a search. The keyed hashes of
-- before could be told apart by how often each occurs; they are gone, and what is there is sealed at the next start.
CREATE TABLE application_people (
    tenant TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    application TEXT NOT NULL,
    names BYTEA NOT NULL,
    PRIMARY KEY (tenant, received_at, application)
);
DROP TABLE application_names;
