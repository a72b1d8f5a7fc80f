-- What happened to applications is read out of the trail by other services, from a place on.
CREATE INDEX audit_events ON audit (tenant, seq) WHERE deed IN ('received', 'state_changed');
