-- Runs: tasks of a deployment that end.
CREATE TABLE run (
    run_id          UUID   NOT NULL CONSTRAINT run_run_id_key PRIMARY KEY,
    deployment_id   UUID   NOT NULL CONSTRAINT run_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    number          BIGINT NOT NULL,
    phase           TEXT   NOT NULL CONSTRAINT run_phase_check CHECK (phase IN ('queued', 'pulling', 'starting',
        'running', 'succeeded', 'failed', 'cancelled')),
    -- Absent once the run has ended, like the moment of the end until then.
    deadline_at     BIGINT,
    ended_at        BIGINT,
    -- The release whose settings it has.
    release_id      UUID   NOT NULL,
    spec            JSONB  NOT NULL,
    sealed_fields   BYTEA  NOT NULL,
    image_digest    TEXT,
    timeout_ms      BIGINT NOT NULL,
    retries         BIGINT NOT NULL,
    -- The attempts as their runner reported them, as JSON.
    attempts        JSONB  NOT NULL,
    progress        JSONB,
    failure         JSONB,
    -- No foreign key, as for releases.
    created_by      UUID,
    created_by_kind TEXT   NOT NULL,
    created_by_name TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    CONSTRAINT run_deployment_id_number_key UNIQUE (deployment_id, number)
);
CREATE INDEX run_deadline_at_idx ON run (deadline_at);
CREATE INDEX run_deployment_id_idx ON run (deployment_id)
    WHERE phase NOT IN ('succeeded', 'failed', 'cancelled');
