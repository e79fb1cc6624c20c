-- Names of the glossary, for what earlier versions called otherwise.

ALTER TABLE enrolment RENAME TO registration;
ALTER TABLE registration RENAME COLUMN enrolment_id TO registration_id;
ALTER TABLE registration RENAME CONSTRAINT enrolment_enrolment_id_key TO registration_registration_id_key;
ALTER TABLE registration RENAME CONSTRAINT enrolment_code_hash_key TO registration_code_hash_key;
ALTER TABLE registration RENAME CONSTRAINT enrolment_token_hash_key TO registration_token_hash_key;
ALTER TABLE registration RENAME CONSTRAINT enrolment_workspace_id_fk TO registration_workspace_id_fk;
ALTER TABLE registration RENAME CONSTRAINT enrolment_runner_id_fk TO registration_runner_id_fk;
ALTER INDEX enrolment_expires_at_idx RENAME TO registration_expires_at_idx;
ALTER INDEX enrolment_runner_id_idx RENAME TO registration_runner_id_idx;
ALTER TABLE registration DROP CONSTRAINT enrolment_state_check;
UPDATE registration SET state = 'denied' WHERE state = 'refused';
ALTER TABLE registration ADD CONSTRAINT registration_state_check
    CHECK (state IN ('waiting', 'approved', 'denied', 'withdrawn'));

UPDATE audit_event SET action = CASE action
    WHEN 'enrolment.refuse' THEN 'registration.deny'
    ELSE replace(action, 'enrolment.', 'registration.') END
    WHERE action LIKE 'enrolment.%';

UPDATE job SET
    kind = renamed.name,
    payload = jsonb_set(payload, '{type}', to_jsonb(renamed.name)),
    unique_key = replace(unique_key, renamed.earlier, renamed.name)
    FROM (VALUES
        ('prune_enrolments', 'prune_registrations'),
        ('deploy_pushed', 'auto_deploy'),
        ('forget_deployment', 'purge_deployment'),
        ('upkeep_logs', 'trim_logs'),
        ('upkeep_stats', 'roll_up_stats')
    ) AS renamed (earlier, name)
    WHERE kind = renamed.earlier;

ALTER TABLE deployment RENAME COLUMN sealed_confidential TO sealed_fields;
ALTER TABLE release RENAME COLUMN sealed_confidential TO sealed_fields;
ALTER TABLE release RENAME COLUMN moves_settings TO changes_settings;
ALTER TABLE volume RENAME COLUMN kept_because TO removal_failure;
ALTER TABLE volume RENAME COLUMN kept_at TO removal_failed_at;
ALTER TABLE tag_watch RENAME COLUMN look TO poll_serial;
ALTER TABLE tag_watch RENAME COLUMN looked_at TO checked_at;

ALTER TABLE log_forgotten RENAME TO log_truncation;
ALTER TABLE log_truncation RENAME CONSTRAINT log_forgotten_deployment_id_fk TO log_truncation_deployment_id_fk;
ALTER TABLE log_truncation RENAME CONSTRAINT log_forgotten_deployment_id_instance_id_key
    TO log_truncation_deployment_id_instance_id_key;
ALTER INDEX log_forgotten_deployment_id_at_idx RENAME TO log_truncation_deployment_id_at_idx;

UPDATE release SET reason = 'tag_moved' WHERE reason = 'pushed';

UPDATE runner SET about = (about - 'app_fence') || jsonb_build_object('app_firewall', about -> 'app_fence')
    WHERE about -> 'app_fence' IS NOT NULL;
UPDATE registration SET about = (about - 'app_fence') || jsonb_build_object('app_firewall', about -> 'app_fence')
    WHERE about -> 'app_fence' IS NOT NULL;
