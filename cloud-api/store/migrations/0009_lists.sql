-- Lists are narrowed by what stands in their index: SQLite need not walk past an envelope to see that a row is not wanted.
CREATE INDEX applications_listed ON applications (tenant, received_at, id, state, due, counters, claimed_by);
DROP INDEX applications_by_time;
