-- Projects and environments: the places of deployments, secrets and volumes.
CREATE TABLE project (
    project_id   BLOB    NOT NULL PRIMARY KEY,
    workspace_id BLOB    NOT NULL REFERENCES workspace (workspace_id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    UNIQUE (workspace_id, name)
) STRICT;

CREATE TABLE environment (
    environment_id BLOB    NOT NULL PRIMARY KEY,
    workspace_id   BLOB    NOT NULL REFERENCES workspace (workspace_id) ON DELETE CASCADE,
    project_id     BLOB    NOT NULL REFERENCES project (project_id) ON DELETE CASCADE,
    name           TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT;
CREATE INDEX environment_workspace_id_idx ON environment (workspace_id);

-- What exists moves to main/production. Their ids are the workspace's, which no other row of these
-- tables has.
INSERT INTO project (project_id, workspace_id, name, created_at)
    SELECT workspace_id, workspace_id, 'main', created_at FROM workspace;
INSERT INTO environment (environment_id, workspace_id, project_id, name, created_at)
    SELECT workspace_id, workspace_id, workspace_id, 'production', created_at FROM workspace;

-- Names become unique in the environment. Lists of a workspace are sorted by name and id. New
-- tables, because a constraint cannot be changed in place; foreign keys are off meanwhile.
CREATE TABLE new_deployment (
    deployment_id       BLOB    NOT NULL PRIMARY KEY,
    workspace_id        BLOB    NOT NULL REFERENCES workspace (workspace_id),
    environment_id      BLOB    NOT NULL REFERENCES environment (environment_id),
    name                TEXT    NOT NULL,
    runner_id           BLOB    NOT NULL REFERENCES runner (runner_id),
    desired             TEXT    NOT NULL CHECK (desired IN ('running', 'stopped', 'deleted')),
    generation          INTEGER NOT NULL,
    -- Without the variables and the configuration files, which are sealed beside it.
    spec                TEXT    NOT NULL,
    sealed_fields       BLOB    NOT NULL,
    live_release_id     BLOB    REFERENCES release (release_id),
    -- 1 when the number of instances of the live release follows what they use, else 0; then how
    -- many there should be, once that was decided.
    is_scaled           INTEGER NOT NULL DEFAULT 0,
    scaled_to           INTEGER,
    next_release_number INTEGER NOT NULL DEFAULT 1,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    UNIQUE (environment_id, name)
) STRICT;
INSERT INTO new_deployment
    (deployment_id, workspace_id, environment_id, name, runner_id, desired, generation, spec, sealed_fields,
     live_release_id, is_scaled, scaled_to, next_release_number, created_at, updated_at)
    SELECT deployment_id, workspace_id, workspace_id, name, runner_id, desired, generation, spec, sealed_fields,
        live_release_id, is_scaled, scaled_to, next_release_number, created_at, updated_at
    FROM deployment;
DROP TABLE deployment;
ALTER TABLE new_deployment RENAME TO deployment;
CREATE INDEX deployment_runner_id_idx ON deployment (runner_id);
CREATE INDEX deployment_live_release_id_idx ON deployment (live_release_id);
CREATE INDEX deployment_is_scaled_idx ON deployment (is_scaled) WHERE is_scaled = 1;
CREATE INDEX deployment_workspace_id_name_deployment_id_idx ON deployment (workspace_id, name, deployment_id);

CREATE TABLE new_secret (
    secret_id      BLOB    NOT NULL PRIMARY KEY,
    workspace_id   BLOB    NOT NULL REFERENCES workspace (workspace_id),
    environment_id BLOB    NOT NULL REFERENCES environment (environment_id),
    name           TEXT    NOT NULL,
    sealed_value   BLOB    NOT NULL,
    version        INTEGER NOT NULL DEFAULT 1,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    UNIQUE (environment_id, name)
) STRICT;
INSERT INTO new_secret
    (secret_id, workspace_id, environment_id, name, sealed_value, version, created_at, updated_at)
    SELECT secret_id, workspace_id, workspace_id, name, sealed_value, version, created_at, updated_at
    FROM secret;
DROP TABLE secret;
ALTER TABLE new_secret RENAME TO secret;
CREATE INDEX secret_workspace_id_name_secret_id_idx ON secret (workspace_id, name, secret_id);

CREATE TABLE new_volume (
    volume_id         BLOB    NOT NULL PRIMARY KEY,
    workspace_id      BLOB    NOT NULL REFERENCES workspace (workspace_id),
    environment_id    BLOB    NOT NULL REFERENCES environment (environment_id),
    runner_id         BLOB    NOT NULL REFERENCES runner (runner_id),
    name              TEXT    NOT NULL,
    size_bytes        INTEGER NOT NULL,
    -- Since when it is in the trash, until when it can be restored, and since when its runner is
    -- asked to remove it.
    trashed_at        INTEGER,
    purge_at          INTEGER,
    purging_at        INTEGER,
    -- What the runner said last of a volume that it could not remove, and when.
    removal_failure   TEXT,
    removal_failed_at INTEGER,
    -- Since when the data of a volume must be on its runner's host: a release that mounts it was
    -- live there. NULL when it was never used, or when a person gave the data up.
    expected_since    INTEGER,
    -- When its runner found that it is not there.
    lost_at           INTEGER,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    UNIQUE (environment_id, name)
) STRICT;
INSERT INTO new_volume
    (volume_id, workspace_id, environment_id, runner_id, name, size_bytes, trashed_at, purge_at, purging_at,
     removal_failure, removal_failed_at, expected_since, lost_at, created_at, updated_at)
    SELECT volume_id, workspace_id, workspace_id, runner_id, name, size_bytes, trashed_at, purge_at, purging_at,
        removal_failure, removal_failed_at, expected_since, lost_at, created_at, updated_at
    FROM volume;
DROP TABLE volume;
ALTER TABLE new_volume RENAME TO volume;
CREATE INDEX volume_runner_id_idx ON volume (runner_id);
CREATE INDEX volume_purge_at_idx ON volume (purge_at);
CREATE INDEX volume_workspace_id_name_volume_id_idx ON volume (workspace_id, name, volume_id);

-- Fails when a row refers to a missing one, which undoes the step.
CREATE TEMP TABLE dangling (rows INTEGER NOT NULL CHECK (rows = 0));
INSERT INTO dangling (rows) SELECT COUNT(*) FROM pragma_foreign_key_check;
DROP TABLE dangling;
