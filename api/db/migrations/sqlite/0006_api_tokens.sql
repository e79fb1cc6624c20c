-- API tokens: credentials of programs that act for a member of a workspace.
CREATE TABLE api_token (
    api_token_id BLOB    NOT NULL PRIMARY KEY,
    workspace_id BLOB    NOT NULL,
    user_id      BLOB    NOT NULL,
    name         TEXT    NOT NULL,
    -- The role that limits it.
    role         TEXT    NOT NULL,
    -- SHA-256 of the token: who reads the table cannot use it.
    token_hash   BLOB    NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    UNIQUE (workspace_id, user_id, name),
    -- Who leaves the workspace leaves no token behind.
    FOREIGN KEY (workspace_id, user_id) REFERENCES membership (workspace_id, user_id) ON DELETE CASCADE
) STRICT;
-- No foreign key: events outlive what they tell of.
ALTER TABLE audit_event ADD COLUMN actor_api_token_id BLOB;
