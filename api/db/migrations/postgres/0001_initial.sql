-- Kept in step with ../sqlite/0001_initial.sql; a test compares the two schemas.
--
-- Instants are whole microseconds since the Unix epoch. What is called `sealed` is ciphertext.
-- Constraints that a person can break have the name that is made from SQLite's message,
-- `<table>_<columns>_key`, primary keys too.

CREATE TABLE app_user (
    user_id       UUID   NOT NULL CONSTRAINT app_user_user_id_key PRIMARY KEY,
    -- Lower-cased before it comes here, so that equality is enough.
    email         TEXT   NOT NULL CONSTRAINT app_user_email_key UNIQUE,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE TABLE workspace (
    workspace_id    UUID   NOT NULL CONSTRAINT workspace_workspace_id_key PRIMARY KEY,
    name            TEXT   NOT NULL,
    -- The workspace's data key under the master key.
    sealed_data_key BYTEA  NOT NULL,
    created_at      BIGINT NOT NULL
);

CREATE TABLE membership (
    workspace_id UUID   NOT NULL CONSTRAINT membership_workspace_id_fk REFERENCES workspace (workspace_id) ON DELETE CASCADE,
    user_id      UUID   NOT NULL CONSTRAINT membership_user_id_fk REFERENCES app_user (user_id) ON DELETE CASCADE,
    role         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    CONSTRAINT membership_workspace_id_user_id_key PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX membership_user_id_idx ON membership (user_id);

CREATE TABLE session (
    -- SHA-256 of the session id: who reads the table cannot use a session.
    session_hash BYTEA  NOT NULL CONSTRAINT session_session_hash_key PRIMARY KEY,
    user_id      UUID   CONSTRAINT session_user_id_fk REFERENCES app_user (user_id) ON DELETE CASCADE,
    data         JSONB  NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX session_user_id_idx ON session (user_id);
CREATE INDEX session_expires_at_idx ON session (expires_at);

CREATE TABLE setting (
    name  TEXT NOT NULL CONSTRAINT setting_name_key PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE setup_token (
    -- SHA-256 of a token that a server printed: who reads the table cannot use it.
    token_hash BYTEA  NOT NULL CONSTRAINT setup_token_token_hash_key PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE TABLE runner (
    runner_id       UUID   NOT NULL CONSTRAINT runner_runner_id_key PRIMARY KEY,
    workspace_id    UUID   NOT NULL CONSTRAINT runner_workspace_id_fk REFERENCES workspace (workspace_id),
    name            TEXT   NOT NULL,
    token_hash      BYTEA  NOT NULL CONSTRAINT runner_token_hash_key UNIQUE,
    about           JSONB,
    -- The fencing number of the newest link, and the lease by which one server holds it.
    link_epoch      BIGINT NOT NULL DEFAULT 0,
    link_server_id  UUID,
    link_expires_at BIGINT,
    -- The address that the newest link came from.
    link_address    TEXT,
    seen_at         BIGINT,
    created_at      BIGINT NOT NULL,
    CONSTRAINT runner_workspace_id_name_key UNIQUE (workspace_id, name)
);

CREATE TABLE enrolment (
    enrolment_id UUID   NOT NULL CONSTRAINT enrolment_enrolment_id_key PRIMARY KEY,
    -- A hash that needs the master key: all codes together could be tried.
    code_hash    BYTEA  NOT NULL CONSTRAINT enrolment_code_hash_key UNIQUE,
    -- Of the token that the runner made for itself.
    token_hash   BYTEA  NOT NULL CONSTRAINT enrolment_token_hash_key UNIQUE,
    about        JSONB  NOT NULL,
    address      TEXT   NOT NULL,
    state        TEXT   NOT NULL CONSTRAINT enrolment_state_check
        CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn')),
    -- Where the code was entered, last.
    workspace_id UUID   CONSTRAINT enrolment_workspace_id_fk REFERENCES workspace (workspace_id) ON DELETE CASCADE,
    runner_id    UUID   CONSTRAINT enrolment_runner_id_fk REFERENCES runner (runner_id) ON DELETE CASCADE,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX enrolment_expires_at_idx ON enrolment (expires_at);
CREATE INDEX enrolment_runner_id_idx ON enrolment (runner_id);

CREATE TABLE deployment (
    deployment_id       UUID   NOT NULL CONSTRAINT deployment_deployment_id_key PRIMARY KEY,
    workspace_id        UUID   NOT NULL CONSTRAINT deployment_workspace_id_fk REFERENCES workspace (workspace_id),
    name                TEXT   NOT NULL,
    runner_id           UUID   NOT NULL CONSTRAINT deployment_runner_id_fk REFERENCES runner (runner_id),
    desired             TEXT   NOT NULL CONSTRAINT deployment_desired_check CHECK (desired IN ('running', 'stopped', 'deleted')),
    generation          BIGINT NOT NULL,
    -- Without the environment and the configuration files, which are sealed beside it.
    spec                JSONB  NOT NULL,
    sealed_confidential  BYTEA  NOT NULL,
    live_release_id     UUID,
    -- 1 when the number of instances of the live release follows what they use, else 0; then how
    -- many there should be, once that was decided.
    is_scaled           BIGINT NOT NULL DEFAULT 0,
    scaled_to           BIGINT,
    next_release_number BIGINT NOT NULL DEFAULT 1,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    CONSTRAINT deployment_workspace_id_name_key UNIQUE (workspace_id, name)
);
CREATE INDEX deployment_runner_id_idx ON deployment (runner_id);
CREATE INDEX deployment_live_release_id_idx ON deployment (live_release_id);
CREATE INDEX deployment_is_scaled_idx ON deployment (is_scaled) WHERE is_scaled = 1;

CREATE TABLE release (
    release_id         UUID   NOT NULL CONSTRAINT release_release_id_key PRIMARY KEY,
    deployment_id      UUID   NOT NULL CONSTRAINT release_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    number             BIGINT NOT NULL,
    phase              TEXT   NOT NULL CONSTRAINT release_phase_check CHECK (phase IN ('queued', 'building', 'pulling',
        'starting', 'verifying', 'switching', 'live', 'failed', 'cancelled', 'superseded')),
    phase_at           BIGINT NOT NULL,
    deadline_at        BIGINT,
    spec               JSONB  NOT NULL,
    sealed_confidential BYTEA  NOT NULL,
    image_digest       TEXT,
    -- The place that the image came from.
    image_source       JSONB,
    -- The facts of the image, once its runner got it.
    image              JSONB,
    failure            JSONB,
    progress           JSONB,
    reason             TEXT   NOT NULL,
    -- The number of the release that it repeats.
    repeats            BIGINT,
    -- 1 when the deployment was stopped until this release was made, else 0.
    starts             BIGINT  NOT NULL,
    -- 1 when the settings become what this release runs once it is live, else 0.
    moves_settings     BIGINT  NOT NULL,
    -- No foreign key: a release outlives who made it, hence also the name as it was.
    -- Nobody when a tag moved.
    created_by         UUID,
    created_by_name    TEXT   NOT NULL,
    created_at         BIGINT NOT NULL,
    CONSTRAINT release_deployment_id_number_key UNIQUE (deployment_id, number)
);
CREATE INDEX release_deadline_at_idx ON release (deadline_at);
CREATE INDEX release_deployment_id_idx ON release (deployment_id)
    WHERE phase NOT IN ('live', 'failed', 'cancelled', 'superseded');
ALTER TABLE deployment ADD CONSTRAINT deployment_live_release_id_fk
    FOREIGN KEY (live_release_id) REFERENCES release (release_id);

CREATE TABLE release_phase (
    release_id UUID   NOT NULL CONSTRAINT release_phase_release_id_fk REFERENCES release (release_id) ON DELETE CASCADE,
    phase      TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    CONSTRAINT release_phase_release_id_phase_key PRIMARY KEY (release_id, phase)
);

CREATE TABLE secret (
    secret_id    UUID   NOT NULL CONSTRAINT secret_secret_id_key PRIMARY KEY,
    workspace_id UUID   NOT NULL CONSTRAINT secret_workspace_id_fk REFERENCES workspace (workspace_id),
    name         TEXT   NOT NULL,
    sealed_value BYTEA  NOT NULL,
    version      BIGINT NOT NULL DEFAULT 1,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    CONSTRAINT secret_workspace_id_name_key UNIQUE (workspace_id, name)
);

-- Which secrets a deployment's settings name; changed in the transaction that changes those.
CREATE TABLE secret_use (
    deployment_id UUID NOT NULL CONSTRAINT secret_use_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    secret_id     UUID NOT NULL CONSTRAINT secret_use_secret_id_fk REFERENCES secret (secret_id),
    CONSTRAINT secret_use_deployment_id_secret_id_key PRIMARY KEY (deployment_id, secret_id)
);
CREATE INDEX secret_use_secret_id_idx ON secret_use (secret_id);

-- Credentials for registries of images.
CREATE TABLE registry (
    registry_id     UUID   NOT NULL CONSTRAINT registry_registry_id_key PRIMARY KEY,
    workspace_id    UUID   NOT NULL CONSTRAINT registry_workspace_id_fk REFERENCES workspace (workspace_id),
    -- Lower-cased and without aliases before it comes here, so that equality is enough.
    host            TEXT   NOT NULL,
    user_name       TEXT   NOT NULL,
    sealed_password BYTEA  NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    CONSTRAINT registry_workspace_id_host_key UNIQUE (workspace_id, host)
);

CREATE TABLE volume (
    volume_id    UUID   NOT NULL CONSTRAINT volume_volume_id_key PRIMARY KEY,
    workspace_id UUID   NOT NULL CONSTRAINT volume_workspace_id_fk REFERENCES workspace (workspace_id),
    runner_id    UUID   NOT NULL CONSTRAINT volume_runner_id_fk REFERENCES runner (runner_id),
    name         TEXT   NOT NULL,
    size_bytes   BIGINT NOT NULL,
    -- Since when it is in the trash, until when it can be restored, and since when its runner is
    -- asked to remove it.
    trashed_at   BIGINT,
    purge_at     BIGINT,
    purging_at   BIGINT,
    -- What the runner said last of a volume that it could not remove, and when.
    kept_because JSONB,
    kept_at      BIGINT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    CONSTRAINT volume_workspace_id_name_key UNIQUE (workspace_id, name)
);
CREATE INDEX volume_runner_id_idx ON volume (runner_id);
CREATE INDEX volume_purge_at_idx ON volume (purge_at);

-- Which deployment has a volume: its settings, its live release or one on its way name it.
CREATE TABLE volume_use (
    volume_id     UUID NOT NULL CONSTRAINT volume_use_volume_id_key PRIMARY KEY
        CONSTRAINT volume_use_volume_id_fk REFERENCES volume (volume_id),
    deployment_id UUID NOT NULL CONSTRAINT volume_use_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    path          TEXT NOT NULL
);
CREATE INDEX volume_use_deployment_id_idx ON volume_use (deployment_id);

-- What is known of the tag of a deployment that deploys by itself, or once did.
CREATE TABLE tag_watch (
    deployment_id  UUID   NOT NULL CONSTRAINT tag_watch_deployment_id_key PRIMARY KEY
        CONSTRAINT tag_watch_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    -- 1 while the deployment deploys by itself, else 0.
    is_on          BIGINT NOT NULL,
    -- The image of the settings; everything below is about its tag.
    image          TEXT   NOT NULL,
    -- Grows whenever the tag should be looked at now.
    look           BIGINT NOT NULL,
    -- 1 when the answer to that look is not to be deployed, else 0.
    is_held        BIGINT NOT NULL,
    -- What the tag meant when that could be learnt last, and why it could not be learnt last.
    digest         TEXT,
    failure        JSONB,
    looked_at      BIGINT,
    -- The digest that is not deployed by itself again, and the one that releases of the settings run.
    handled_digest TEXT,
    pinned_digest  TEXT,
    -- When a tag that moved made a release last.
    released_at    BIGINT
);

CREATE TABLE observation (
    deployment_id UUID   NOT NULL CONSTRAINT observation_deployment_id_key PRIMARY KEY
        CONSTRAINT observation_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    generation    BIGINT NOT NULL,
    instances     JSONB  NOT NULL,
    -- What keeps it from being as it should, outside an attempt at a release; absent when nothing does.
    error         JSONB,
    observed_at   BIGINT NOT NULL
);

-- What is known of a deployment's log as a whole; changed in the transaction that changes its
-- segments. Whoever does so holds this row first.
CREATE TABLE deployment_log (
    deployment_id UUID   NOT NULL CONSTRAINT deployment_log_deployment_id_key PRIMARY KEY CONSTRAINT deployment_log_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    -- The highest position ever given to a line.
    position      BIGINT NOT NULL,
    -- Segments up to this position are closed; those behind it are open and will be put together.
    closed_to     BIGINT NOT NULL DEFAULT 0,
    open_segments BIGINT NOT NULL DEFAULT 0,
    open_bytes    BIGINT NOT NULL DEFAULT 0,
    -- What all segments take, compressed.
    stored_bytes  BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE log_segment (
    deployment_id  UUID   NOT NULL CONSTRAINT log_segment_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    -- The places of its first and last line; those of two segments never overlap.
    first_position BIGINT NOT NULL,
    last_position  BIGINT NOT NULL,
    -- The earliest and the latest instant of its lines, which need not be in order.
    first_at       BIGINT NOT NULL,
    last_at        BIGINT NOT NULL,
    lines          BIGINT NOT NULL,
    raw_bytes      BIGINT NOT NULL,
    stored_bytes   BIGINT NOT NULL,
    -- When its newest line came in, by the server's clock.
    kept_at        BIGINT NOT NULL,
    -- The instances that printed its lines and their first and last names, as JSON; not JSONB,
    -- because it is searched as text.
    instances      TEXT   NOT NULL,
    data           BYTEA  NOT NULL,
    CONSTRAINT log_segment_deployment_id_first_position_key PRIMARY KEY (deployment_id, first_position),
    CONSTRAINT log_segment_deployment_id_last_position_key UNIQUE (deployment_id, last_position)
);
CREATE INDEX log_segment_deployment_id_last_at_idx ON log_segment (deployment_id, last_at);
CREATE INDEX log_segment_kept_at_idx ON log_segment (kept_at);

-- Up to where lines of an instance were dropped with their segments: its runner may read them again.
CREATE TABLE log_forgotten (
    deployment_id UUID   NOT NULL CONSTRAINT log_forgotten_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    instance_id   UUID   NOT NULL,
    at            BIGINT NOT NULL,
    ordinal       BIGINT NOT NULL,
    CONSTRAINT log_forgotten_deployment_id_instance_id_key PRIMARY KEY (deployment_id, instance_id)
);
CREATE INDEX log_forgotten_deployment_id_at_idx ON log_forgotten (deployment_id, at);

-- The last times that a number of instances followed what they use.
CREATE TABLE scaling_change (
    deployment_id      UUID   NOT NULL CONSTRAINT scaling_change_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    at                 BIGINT NOT NULL,
    from_instances     BIGINT NOT NULL,
    to_instances       BIGINT NOT NULL,
    cpu_percent        BIGINT NOT NULL,
    cpu_target_percent BIGINT NOT NULL,
    measured_ms        BIGINT NOT NULL,
    CONSTRAINT scaling_change_deployment_id_at_key PRIMARY KEY (deployment_id, at)
);

CREATE TABLE stats_series (
    -- Short, since every sample repeats it.
    series_id     BIGINT NOT NULL CONSTRAINT stats_series_series_id_key PRIMARY KEY,
    deployment_id UUID   NOT NULL CONSTRAINT stats_series_deployment_id_fk REFERENCES deployment (deployment_id) ON DELETE CASCADE,
    instance_id   UUID   NOT NULL,
    -- No foreign key: the runner says it.
    release_id    UUID   NOT NULL,
    -- Up to here its samples are summed up in stats_rollup.
    rolled_up_to  BIGINT NOT NULL DEFAULT 0,
    -- When upkeep looks at it next: to sum up, to forget, or because nothing is left of it.
    due_at        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    CONSTRAINT stats_series_deployment_id_instance_id_key UNIQUE (deployment_id, instance_id)
);
CREATE INDEX stats_series_due_at_idx ON stats_series (due_at);

CREATE TABLE stats_sample (
    series_id        BIGINT NOT NULL CONSTRAINT stats_sample_series_id_fk REFERENCES stats_series (series_id) ON DELETE CASCADE,
    at               BIGINT NOT NULL,
    cpu              BIGINT NOT NULL,
    memory           BIGINT NOT NULL,
    network_received BIGINT NOT NULL,
    network_sent     BIGINT NOT NULL,
    disk_read        BIGINT NOT NULL,
    disk_written     BIGINT NOT NULL,
    CONSTRAINT stats_sample_series_id_at_key PRIMARY KEY (series_id, at)
);

CREATE TABLE stats_rollup (
    series_id            BIGINT NOT NULL CONSTRAINT stats_rollup_series_id_fk REFERENCES stats_series (series_id) ON DELETE CASCADE,
    at                   BIGINT NOT NULL,
    samples              BIGINT NOT NULL,
    cpu                  BIGINT NOT NULL,
    memory               BIGINT NOT NULL,
    network_received     BIGINT NOT NULL,
    network_sent         BIGINT NOT NULL,
    disk_read            BIGINT NOT NULL,
    disk_written         BIGINT NOT NULL,
    max_cpu              BIGINT NOT NULL,
    max_memory           BIGINT NOT NULL,
    max_network_received BIGINT NOT NULL,
    max_network_sent     BIGINT NOT NULL,
    max_disk_read        BIGINT NOT NULL,
    max_disk_written     BIGINT NOT NULL,
    CONSTRAINT stats_rollup_series_id_at_key PRIMARY KEY (series_id, at)
);

CREATE TABLE job (
    job_id       UUID   NOT NULL CONSTRAINT job_job_id_key PRIMARY KEY,
    kind         TEXT   NOT NULL,
    payload      JSONB  NOT NULL,
    unique_key   TEXT   CONSTRAINT job_unique_key_key UNIQUE,
    -- Grows when a job with a unique key is asked for again, so that a run under way is followed
    -- by another one.
    revision     BIGINT NOT NULL DEFAULT 0,
    run_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    max_attempts BIGINT NOT NULL,
    -- Which claim holds the job, and until when.
    lease_id     UUID,
    lease_until  BIGINT,
    last_error   TEXT,
    -- When it was given up; it stays for people to see.
    dead_at      BIGINT,
    created_at   BIGINT NOT NULL
);
CREATE INDEX job_run_at_idx ON job (run_at) WHERE dead_at IS NULL;

CREATE TABLE audit_event (
    audit_event_id UUID   NOT NULL CONSTRAINT audit_event_audit_event_id_key PRIMARY KEY,
    -- No foreign keys: the record outlives what it is about.
    workspace_id   UUID,
    actor_user_id  UUID,
    actor_name     TEXT   NOT NULL,
    action         TEXT   NOT NULL,
    target         TEXT,
    request_id     TEXT   NOT NULL,
    address        TEXT   NOT NULL,
    created_at     BIGINT NOT NULL
);
CREATE INDEX audit_event_workspace_id_created_at_idx ON audit_event (workspace_id, created_at);
