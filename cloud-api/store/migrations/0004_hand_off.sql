-- What a robot (RPA) types into a core system: one job an application. `claim` is the robot's own word for its turn; who
-- says it holds the lease. The application itself stays sealed in its own table.
CREATE TABLE jobs (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    application TEXT NOT NULL,
    state TEXT NOT NULL,
    robot TEXT,
    claim TEXT,
    lease_until BIGINT,
    attempts BIGINT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX jobs_by_application ON jobs (tenant, application);
CREATE INDEX jobs_by_state ON jobs (tenant, state, created_at);
CREATE INDEX jobs_by_claim ON jobs (tenant, claim);

-- Webhooks on their way. The body names an application by its numbers and nobody by name.
CREATE TABLE deliveries (
    tenant TEXT NOT NULL,
    hook TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    problem TEXT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (tenant, hook, event)
);
CREATE INDEX deliveries_by_due ON deliveries (tenant, state, due_at);
