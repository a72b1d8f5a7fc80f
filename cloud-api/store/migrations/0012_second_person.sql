-- A person's rights hold once somebody else than `invited_by` has confirmed, by the confirmation number, who enrolled. NULL: confirmed.
ALTER TABLE staff ADD COLUMN invited_by TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN confirmation_number TEXT;
-- The last change of what a person logs in with or may do, until they have read of it.
ALTER TABLE staff ADD COLUMN notice TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN notice_at BIGINT NOT NULL DEFAULT 0;

-- More rights for somebody, until a second person has agreed.
CREATE TABLE rights_requests (
    tenant TEXT NOT NULL,
    person TEXT NOT NULL,
    roles TEXT NOT NULL,
    granted TEXT NOT NULL,
    withheld TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, person)
);

-- Where a session began, and when its person last proved who they are.
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN proven_at BIGINT NOT NULL DEFAULT 0;
