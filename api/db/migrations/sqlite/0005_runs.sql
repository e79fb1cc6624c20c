-- Runs: tasks of a deployment that end.
CREATE TABLE run (
    run_id          BLOB    NOT NULL PRIMARY KEY,
    deployment_id   BLOB    NOT NULL REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    number          INTEGER NOT NULL,
    phase           TEXT    NOT NULL CHECK (phase IN ('queued', 'pulling', 'starting', 'running',
        'succeeded', 'failed', 'cancelled')),
    -- Absent once the run has ended, like the moment of the end until then.
    deadline_at     INTEGER,
    ended_at        INTEGER,
    -- The release whose settings it has.
    release_id      BLOB    NOT NULL,
    spec            TEXT    NOT NULL,
    sealed_fields   BLOB    NOT NULL,
    image_digest    TEXT,
    timeout_ms      INTEGER NOT NULL,
    retries         INTEGER NOT NULL,
    -- The attempts as their runner reported them, as JSON.
    attempts        TEXT    NOT NULL,
    progress        TEXT,
    failure         TEXT,
    -- No foreign key, as for releases.
    created_by      BLOB,
    created_by_kind TEXT    NOT NULL,
    created_by_name TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    UNIQUE (deployment_id, number)
) STRICT;
CREATE INDEX run_deadline_at_idx ON run (deadline_at);
CREATE INDEX run_deployment_id_idx ON run (deployment_id)
    WHERE phase NOT IN ('succeeded', 'failed', 'cancelled');
