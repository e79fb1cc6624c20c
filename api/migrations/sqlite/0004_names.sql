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
    kind = 'prune_registrations',
    payload = json_set(payload, '$.type', 'prune_registrations'),
    unique_key = replace(unique_key, 'prune_enrolments', 'prune_registrations')
    WHERE kind = 'prune_enrolments';
