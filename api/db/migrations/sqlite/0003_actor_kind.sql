-- The kind of party that acts. Only a person and a tag made releases before this; the name "push" was
-- the tag's, and a person of that name has an id.
ALTER TABLE release ADD COLUMN created_by_kind TEXT NOT NULL DEFAULT 'person'
    CONSTRAINT release_created_by_kind_check
    CHECK (created_by_kind IN ('anonymous', 'api_token', 'person', 'runner', 'system', 'tag'));
UPDATE release SET created_by_kind = 'tag' WHERE created_by IS NULL AND reason = 'pushed';

ALTER TABLE audit_event ADD COLUMN actor_kind TEXT NOT NULL DEFAULT 'person'
    CONSTRAINT audit_event_actor_kind_check
    CHECK (actor_kind IN ('anonymous', 'api_token', 'person', 'runner', 'system', 'tag'));
UPDATE audit_event SET actor_kind = 'anonymous' WHERE actor_user_id IS NULL;
