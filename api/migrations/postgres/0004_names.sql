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
    kind = 'prune_registrations',
    payload = jsonb_set(payload, '{type}', '"prune_registrations"'),
    unique_key = replace(unique_key, 'prune_enrolments', 'prune_registrations')
    WHERE kind = 'prune_enrolments';
