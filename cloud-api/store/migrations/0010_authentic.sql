-- What proves that a row came in through this program: the digest of its envelope and a tag over the row, made with a key of the
-- town's that is not in the database. NULL: from before. `answer` is the core system's answer about protective measures as a
-- keyed token; `protection` says then only that there is one.
ALTER TABLE applications ADD COLUMN digest BYTEA;
ALTER TABLE applications ADD COLUMN tag BYTEA;
ALTER TABLE applications ADD COLUMN answer BYTEA;
ALTER TABLE application_revisions ADD COLUMN tag BYTEA;
ALTER TABLE audit ADD COLUMN tag BYTEA;
