-- Names of the glossary, for what earlier versions called otherwise.

-- A new table, because a check cannot be changed in place.
CREATE TABLE registration (
    registration_id BLOB    NOT NULL PRIMARY KEY,
    -- A hash that needs the master key: all codes together could be tried.
    code_hash       BLOB    NOT NULL UNIQUE,
    -- Of the token that the runner made for itself.
    token_hash      BLOB    NOT NULL UNIQUE,
    about           TEXT    NOT NULL,
    address         TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('waiting', 'approved', 'denied', 'withdrawn')),
    -- Where the code was entered, last.
    workspace_id    BLOB    REFERENCES workspace (workspace_id) ON DELETE CASCADE,
    runner_id       BLOB    REFERENCES runner (runner_id) ON DELETE CASCADE,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL
) STRICT;
INSERT INTO registration
    (registration_id, code_hash, token_hash, about, address, state, workspace_id, runner_id, created_at, expires_at)
    SELECT enrolment_id, code_hash, token_hash, about, address,
        CASE state WHEN 'refused' THEN 'denied' ELSE state END,
        workspace_id, runner_id, created_at, expires_at
    FROM enrolment;
DROP TABLE enrolment;
CREATE INDEX registration_expires_at_idx ON registration (expires_at);
CREATE INDEX registration_runner_id_idx ON registration (runner_id);

UPDATE audit_event SET action = CASE action
    WHEN 'enrolment.refuse' THEN 'registration.deny'
    ELSE replace(action, 'enrolment.', 'registration.') END
    WHERE action LIKE 'enrolment.%';

UPDATE job SET
    kind = renamed.name,
    payload = json_set(payload, '$.type', renamed.name),
    unique_key = replace(unique_key, renamed.earlier, renamed.name)
    FROM (
        SELECT 'prune_enrolments' AS earlier, 'prune_registrations' AS name
        UNION ALL SELECT 'deploy_pushed', 'auto_deploy'
        UNION ALL SELECT 'forget_deployment', 'purge_deployment'
        UNION ALL SELECT 'upkeep_logs', 'trim_logs'
        UNION ALL SELECT 'upkeep_stats', 'roll_up_stats'
    ) AS renamed
    WHERE kind = renamed.earlier;

ALTER TABLE deployment RENAME COLUMN sealed_confidential TO sealed_fields;
ALTER TABLE release RENAME COLUMN sealed_confidential TO sealed_fields;
ALTER TABLE release RENAME COLUMN moves_settings TO changes_settings;
ALTER TABLE volume RENAME COLUMN kept_because TO removal_failure;
ALTER TABLE volume RENAME COLUMN kept_at TO removal_failed_at;
ALTER TABLE tag_watch RENAME COLUMN look TO poll_serial;
ALTER TABLE tag_watch RENAME COLUMN looked_at TO checked_at;

ALTER TABLE log_forgotten RENAME TO log_truncation;
DROP INDEX log_forgotten_deployment_id_at_idx;
CREATE INDEX log_truncation_deployment_id_at_idx ON log_truncation (deployment_id, at);

UPDATE release SET reason = 'tag_moved' WHERE reason = 'pushed';

UPDATE runner SET about = json_remove(
    json_set(about, '$.app_firewall', json_extract(about, '$.app_fence')), '$.app_fence')
    WHERE json_extract(about, '$.app_fence') IS NOT NULL;
UPDATE registration SET about = json_remove(
    json_set(about, '$.app_firewall', json_extract(about, '$.app_fence')), '$.app_fence')
    WHERE json_extract(about, '$.app_fence') IS NOT NULL;
