-- Whether somebody of an application is under protective measures (支援措置): the core system is asked after the receipt went out,
-- and again until it answers. What was there before was never asked about. `alert`, which nothing ever set, is read no more; it stays
-- for replicas of the release before.
ALTER TABLE applications ADD COLUMN protection TEXT NOT NULL DEFAULT 'unasked';
ALTER TABLE applications ADD COLUMN lookup_due BIGINT NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN lookup_tries BIGINT NOT NULL DEFAULT 0;
CREATE INDEX applications_to_look_up ON applications (tenant, lookup_due) WHERE protection = 'waiting';

-- A resident is found by the name alone, too. NULL: imported before; the register has to be imported whole once more.
ALTER TABLE core_residents ADD COLUMN by_name BYTEA;
CREATE INDEX core_residents_by_name ON core_residents (tenant, generation, by_name);
