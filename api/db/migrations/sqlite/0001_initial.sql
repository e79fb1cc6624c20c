-- Kept in step with ../postgres/0001_initial.sql; a test compares the two schemas.
--
-- Instants are whole microseconds since the Unix epoch. Ids are UUIDs (BLOB of 16 bytes here).
-- JSON is TEXT. What is called `sealed` is ciphertext.

CREATE TABLE app_user (
    user_id       BLOB    NOT NULL PRIMARY KEY,
    -- Lower-cased before it comes here, so that equality is enough.
    email         TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE workspace (
    workspace_id    BLOB    NOT NULL PRIMARY KEY,
    name            TEXT    NOT NULL,
    -- The workspace's data key under the master key.
    sealed_data_key BLOB    NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE membership (
    workspace_id BLOB    NOT NULL REFERENCES workspace (workspace_id) ON DELETE CASCADE,
    user_id      BLOB    NOT NULL REFERENCES app_user (user_id) ON DELETE CASCADE,
    role         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_user_id_idx ON membership (user_id);

CREATE TABLE session (
    -- SHA-256 of the session id: who reads the table cannot use a session.
    session_hash BLOB    NOT NULL PRIMARY KEY,
    user_id      BLOB    REFERENCES app_user (user_id) ON DELETE CASCADE,
    data         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX session_user_id_idx ON session (user_id);
CREATE INDEX session_expires_at_idx ON session (expires_at);

CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE setup_token (
    -- SHA-256 of a token that a server printed: who reads the table cannot use it.
    token_hash BLOB    NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE runner (
    runner_id       BLOB    NOT NULL PRIMARY KEY,
    workspace_id    BLOB    NOT NULL REFERENCES workspace (workspace_id),
    name            TEXT    NOT NULL,
    token_hash      BLOB    NOT NULL UNIQUE,
    about           TEXT,
    -- The fencing number of the newest link, and the lease by which one server holds it.
    link_epoch      INTEGER NOT NULL DEFAULT 0,
    link_server_id  BLOB,
    link_expires_at INTEGER,
    -- The address that the newest link came from.
    link_address    TEXT,
    seen_at         INTEGER,
    created_at      INTEGER NOT NULL,
    UNIQUE (workspace_id, name)
) STRICT;

CREATE TABLE enrolment (
    enrolment_id BLOB    NOT NULL PRIMARY KEY,
    -- A hash that needs the master key: all codes together could be tried.
    code_hash    BLOB    NOT NULL UNIQUE,
    -- Of the token that the runner made for itself.
    token_hash   BLOB    NOT NULL UNIQUE,
    about        TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn')),
    -- Where the code was entered, last.
    workspace_id BLOB    REFERENCES workspace (workspace_id) ON DELETE CASCADE,
    runner_id    BLOB    REFERENCES runner (runner_id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX enrolment_expires_at_idx ON enrolment (expires_at);
CREATE INDEX enrolment_runner_id_idx ON enrolment (runner_id);

CREATE TABLE deployment (
    deployment_id       BLOB    NOT NULL PRIMARY KEY,
    workspace_id        BLOB    NOT NULL REFERENCES workspace (workspace_id),
    name                TEXT    NOT NULL,
    runner_id           BLOB    NOT NULL REFERENCES runner (runner_id),
    desired             TEXT    NOT NULL CHECK (desired IN ('running', 'stopped', 'deleted')),
    generation          INTEGER NOT NULL,
    -- Without the environment and the configuration files, which are sealed beside it.
    spec                TEXT    NOT NULL,
    sealed_confidential  BLOB    NOT NULL,
    live_release_id     BLOB    REFERENCES release (release_id),
    -- 1 when the number of instances of the live release follows what they use, else 0; then how
    -- many there should be, once that was decided.
    is_scaled           INTEGER NOT NULL DEFAULT 0,
    scaled_to           INTEGER,
    next_release_number INTEGER NOT NULL DEFAULT 1,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    UNIQUE (workspace_id, name)
) STRICT;
CREATE INDEX deployment_runner_id_idx ON deployment (runner_id);
CREATE INDEX deployment_live_release_id_idx ON deployment (live_release_id);
CREATE INDEX deployment_is_scaled_idx ON deployment (is_scaled) WHERE is_scaled = 1;

CREATE TABLE release (
    release_id         BLOB    NOT NULL PRIMARY KEY,
    deployment_id      BLOB    NOT NULL REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    number             INTEGER NOT NULL,
    phase              TEXT    NOT NULL CHECK (phase IN ('queued', 'building', 'pulling', 'starting',
        'verifying', 'switching', 'live', 'failed', 'cancelled', 'superseded')),
    phase_at           INTEGER NOT NULL,
    deadline_at        INTEGER,
    spec               TEXT    NOT NULL,
    sealed_confidential BLOB    NOT NULL,
    image_digest       TEXT,
    -- The place that the image came from.
    image_source       TEXT,
    -- The facts of the image, once its runner got it.
    image              TEXT,
    failure            TEXT,
    progress           TEXT,
    reason             TEXT    NOT NULL,
    -- The number of the release that it repeats.
    repeats            INTEGER,
    -- 1 when the deployment was stopped until this release was made, else 0.
    starts             INTEGER NOT NULL,
    -- 1 when the settings become what this release runs once it is live, else 0.
    moves_settings     INTEGER NOT NULL,
    -- No foreign key: a release outlives who made it, hence also the name as it was.
    -- Nobody when a tag moved.
    created_by         BLOB,
    created_by_name    TEXT    NOT NULL,
    created_at         INTEGER NOT NULL,
    UNIQUE (deployment_id, number)
) STRICT;
CREATE INDEX release_deadline_at_idx ON release (deadline_at);
CREATE INDEX release_deployment_id_idx ON release (deployment_id)
    WHERE phase NOT IN ('live', 'failed', 'cancelled', 'superseded');

CREATE TABLE release_phase (
    release_id BLOB    NOT NULL REFERENCES release (release_id) ON DELETE CASCADE,
    phase      TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (release_id, phase)
) STRICT, WITHOUT ROWID;

CREATE TABLE secret (
    secret_id    BLOB    NOT NULL PRIMARY KEY,
    workspace_id BLOB    NOT NULL REFERENCES workspace (workspace_id),
    name         TEXT    NOT NULL,
    sealed_value BLOB    NOT NULL,
    version      INTEGER NOT NULL DEFAULT 1,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    UNIQUE (workspace_id, name)
) STRICT;

-- Which secrets a deployment's settings name; changed in the transaction that changes those.
CREATE TABLE secret_use (
    deployment_id BLOB NOT NULL REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    secret_id     BLOB NOT NULL REFERENCES secret (secret_id),
    PRIMARY KEY (deployment_id, secret_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX secret_use_secret_id_idx ON secret_use (secret_id);

-- Credentials for registries of images.
CREATE TABLE registry (
    registry_id     BLOB    NOT NULL PRIMARY KEY,
    workspace_id    BLOB    NOT NULL REFERENCES workspace (workspace_id),
    -- Lower-cased and without aliases before it comes here, so that equality is enough.
    host            TEXT    NOT NULL,
    user_name       TEXT    NOT NULL,
    sealed_password BLOB    NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    UNIQUE (workspace_id, host)
) STRICT;

CREATE TABLE volume (
    volume_id    BLOB    NOT NULL PRIMARY KEY,
    workspace_id BLOB    NOT NULL REFERENCES workspace (workspace_id),
    runner_id    BLOB    NOT NULL REFERENCES runner (runner_id),
    name         TEXT    NOT NULL,
    size_bytes   INTEGER NOT NULL,
    -- Since when it is in the trash, until when it can be restored, and since when its runner is
    -- asked to remove it.
    trashed_at   INTEGER,
    purge_at     INTEGER,
    purging_at   INTEGER,
    -- What the runner said last of a volume that it could not remove, and when.
    kept_because TEXT,
    kept_at      INTEGER,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    UNIQUE (workspace_id, name)
) STRICT;
CREATE INDEX volume_runner_id_idx ON volume (runner_id);
CREATE INDEX volume_purge_at_idx ON volume (purge_at);

-- Which deployment has a volume: its settings, its live release or one on its way name it.
CREATE TABLE volume_use (
    volume_id     BLOB NOT NULL PRIMARY KEY REFERENCES volume (volume_id),
    deployment_id BLOB NOT NULL REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    path          TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX volume_use_deployment_id_idx ON volume_use (deployment_id);

-- What is known of the tag of a deployment that deploys by itself, or once did.
CREATE TABLE tag_watch (
    deployment_id  BLOB    NOT NULL PRIMARY KEY REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    -- 1 while the deployment deploys by itself, else 0.
    is_on          INTEGER NOT NULL,
    -- The image of the settings; everything below is about its tag.
    image          TEXT    NOT NULL,
    -- Grows whenever the tag should be looked at now.
    look           INTEGER NOT NULL,
    -- 1 when the answer to that look is not to be deployed, else 0.
    is_held        INTEGER NOT NULL,
    -- What the tag meant when that could be learnt last, and why it could not be learnt last.
    digest         TEXT,
    failure        TEXT,
    looked_at      INTEGER,
    -- The digest that is not deployed by itself again, and the one that releases of the settings run.
    handled_digest TEXT,
    pinned_digest  TEXT,
    -- When a tag that moved made a release last.
    released_at    INTEGER
) STRICT;

CREATE TABLE observation (
    deployment_id BLOB    NOT NULL PRIMARY KEY REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    generation    INTEGER NOT NULL,
    instances     TEXT    NOT NULL,
    -- What keeps it from being as it should, outside an attempt at a release; absent when nothing does.
    error         TEXT,
    observed_at   INTEGER NOT NULL
) STRICT;

-- What is known of a deployment's log as a whole; changed in the transaction that changes its
-- segments. Whoever does so holds this row first.
CREATE TABLE deployment_log (
    deployment_id BLOB    NOT NULL PRIMARY KEY REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    -- The highest position ever given to a line.
    position      INTEGER NOT NULL,
    -- Segments up to this position are closed; those behind it are open and will be put together.
    closed_to     INTEGER NOT NULL DEFAULT 0,
    open_segments INTEGER NOT NULL DEFAULT 0,
    open_bytes    INTEGER NOT NULL DEFAULT 0,
    -- What all segments take, compressed.
    stored_bytes  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE log_segment (
    deployment_id  BLOB    NOT NULL REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    -- The places of its first and last line; those of two segments never overlap.
    first_position INTEGER NOT NULL,
    last_position  INTEGER NOT NULL,
    -- The earliest and the latest instant of its lines, which need not be in order.
    first_at       INTEGER NOT NULL,
    last_at        INTEGER NOT NULL,
    lines          INTEGER NOT NULL,
    raw_bytes      INTEGER NOT NULL,
    stored_bytes   INTEGER NOT NULL,
    -- When its newest line came in, by the server's clock.
    kept_at        INTEGER NOT NULL,
    -- The instances that printed its lines and their first and last names, as JSON; not JSONB,
    -- because it is searched as text.
    instances      TEXT    NOT NULL,
    -- Last, so that SQLite need not read it to find what is before it.
    data           BLOB    NOT NULL,
    PRIMARY KEY (deployment_id, first_position),
    UNIQUE (deployment_id, last_position)
) STRICT;
CREATE INDEX log_segment_deployment_id_last_at_idx ON log_segment (deployment_id, last_at);
CREATE INDEX log_segment_kept_at_idx ON log_segment (kept_at);

-- Up to where lines of an instance were dropped with their segments: its runner may read them again.
CREATE TABLE log_forgotten (
    deployment_id BLOB    NOT NULL REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    instance_id   BLOB    NOT NULL,
    at            INTEGER NOT NULL,
    ordinal       INTEGER NOT NULL,
    PRIMARY KEY (deployment_id, instance_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_forgotten_deployment_id_at_idx ON log_forgotten (deployment_id, at);

-- The last times that a number of instances followed what they use.
CREATE TABLE scaling_change (
    deployment_id      BLOB    NOT NULL REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    at                 INTEGER NOT NULL,
    from_instances     INTEGER NOT NULL,
    to_instances       INTEGER NOT NULL,
    cpu_percent        INTEGER NOT NULL,
    cpu_target_percent INTEGER NOT NULL,
    measured_ms        INTEGER NOT NULL,
    PRIMARY KEY (deployment_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE stats_series (
    -- Short, since every sample repeats it.
    series_id     INTEGER NOT NULL PRIMARY KEY,
    deployment_id BLOB    NOT NULL REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    instance_id   BLOB    NOT NULL,
    -- No foreign key: the runner says it.
    release_id    BLOB    NOT NULL,
    -- Up to here its samples are summed up in stats_rollup.
    rolled_up_to  INTEGER NOT NULL DEFAULT 0,
    -- When upkeep looks at it next: to sum up, to forget, or because nothing is left of it.
    due_at        INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    UNIQUE (deployment_id, instance_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stats_series_due_at_idx ON stats_series (due_at);

CREATE TABLE stats_sample (
    series_id        INTEGER NOT NULL REFERENCES stats_series (series_id) ON DELETE CASCADE,
    at               INTEGER NOT NULL,
    cpu              INTEGER NOT NULL,
    memory           INTEGER NOT NULL,
    network_received INTEGER NOT NULL,
    network_sent     INTEGER NOT NULL,
    disk_read        INTEGER NOT NULL,
    disk_written     INTEGER NOT NULL,
    PRIMARY KEY (series_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE stats_rollup (
    series_id            INTEGER NOT NULL REFERENCES stats_series (series_id) ON DELETE CASCADE,
    at                   INTEGER NOT NULL,
    samples              INTEGER NOT NULL,
    cpu                  INTEGER NOT NULL,
    memory               INTEGER NOT NULL,
    network_received     INTEGER NOT NULL,
    network_sent         INTEGER NOT NULL,
    disk_read            INTEGER NOT NULL,
    disk_written         INTEGER NOT NULL,
    max_cpu              INTEGER NOT NULL,
    max_memory           INTEGER NOT NULL,
    max_network_received INTEGER NOT NULL,
    max_network_sent     INTEGER NOT NULL,
    max_disk_read        INTEGER NOT NULL,
    max_disk_written     INTEGER NOT NULL,
    PRIMARY KEY (series_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
    job_id       BLOB    NOT NULL PRIMARY KEY,
    kind         TEXT    NOT NULL,
    payload      TEXT    NOT NULL,
    unique_key   TEXT    UNIQUE,
    -- Grows when a job with a unique key is asked for again, so that a run under way is followed
    -- by another one.
    revision     INTEGER NOT NULL DEFAULT 0,
    run_at       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    -- Which claim holds the job, and until when.
    lease_id     BLOB,
    lease_until  INTEGER,
    last_error   TEXT,
    -- When it was given up; it stays for people to see.
    dead_at      INTEGER,
    created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX job_run_at_idx ON job (run_at) WHERE dead_at IS NULL;

CREATE TABLE audit_event (
    audit_event_id BLOB    NOT NULL PRIMARY KEY,
    -- No foreign keys: the record outlives what it is about.
    workspace_id   BLOB,
    actor_user_id  BLOB,
    actor_name     TEXT    NOT NULL,
    action         TEXT    NOT NULL,
    target         TEXT,
    request_id     TEXT    NOT NULL,
    address        TEXT    NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_event_workspace_id_created_at_idx ON audit_event (workspace_id, created_at);
