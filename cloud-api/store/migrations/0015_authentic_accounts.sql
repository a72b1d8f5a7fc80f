-- What proves that a right was given by this program: a tag over the columns that give it, made with a key of the realm's that is
-- not in the database. NULL: from before.
ALTER TABLE staff ADD COLUMN tag BYTEA;
ALTER TABLE rights_requests ADD COLUMN tag BYTEA;
ALTER TABLE sessions ADD COLUMN tag BYTEA;
ALTER TABLE clients ADD COLUMN tag BYTEA;
ALTER TABLE client_secrets ADD COLUMN tag BYTEA;
ALTER TABLE access_tokens ADD COLUMN tag BYTEA;
