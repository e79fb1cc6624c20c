-- API tokens: credentials of programs that act for a member of a workspace.
CREATE TABLE api_token (
    api_token_id UUID   NOT NULL CONSTRAINT api_token_api_token_id_key PRIMARY KEY,
    workspace_id UUID   NOT NULL,
    user_id      UUID   NOT NULL,
    name         TEXT   NOT NULL,
    -- The role that limits it.
    role         TEXT   NOT NULL,
    -- SHA-256 of the token: who reads the table cannot use it.
    token_hash   BYTEA  NOT NULL CONSTRAINT api_token_token_hash_key UNIQUE,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    CONSTRAINT api_token_workspace_id_user_id_name_key UNIQUE (workspace_id, user_id, name),
    -- Who leaves the workspace leaves no token behind.
    CONSTRAINT api_token_workspace_id_user_id_fk FOREIGN KEY (workspace_id, user_id)
        REFERENCES membership (workspace_id, user_id) ON DELETE CASCADE
);
-- No foreign key: events outlive what they tell of.
ALTER TABLE audit_event ADD COLUMN actor_api_token_id UUID;
