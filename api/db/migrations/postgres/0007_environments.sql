-- Projects and environments: the places of deployments, secrets and volumes.
CREATE TABLE project (
    project_id   UUID   NOT NULL CONSTRAINT project_project_id_key PRIMARY KEY,
    workspace_id UUID   NOT NULL CONSTRAINT project_workspace_id_fk REFERENCES workspace (workspace_id) ON DELETE CASCADE,
    name         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    CONSTRAINT project_workspace_id_name_key UNIQUE (workspace_id, name)
);

CREATE TABLE environment (
    environment_id UUID   NOT NULL CONSTRAINT environment_environment_id_key PRIMARY KEY,
    workspace_id   UUID   NOT NULL CONSTRAINT environment_workspace_id_fk REFERENCES workspace (workspace_id) ON DELETE CASCADE,
    project_id     UUID   NOT NULL CONSTRAINT environment_project_id_fk REFERENCES project (project_id) ON DELETE CASCADE,
    name           TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    CONSTRAINT environment_project_id_name_key UNIQUE (project_id, name)
);
CREATE INDEX environment_workspace_id_idx ON environment (workspace_id);

-- What exists moves to main/production. Their ids are the workspace's, which no other row of these
-- tables has.
INSERT INTO project (project_id, workspace_id, name, created_at)
    SELECT workspace_id, workspace_id, 'main', created_at FROM workspace;
INSERT INTO environment (environment_id, workspace_id, project_id, name, created_at)
    SELECT workspace_id, workspace_id, workspace_id, 'production', created_at FROM workspace;

-- Names become unique in the environment. Lists of a workspace are sorted by name and id.
ALTER TABLE deployment ADD COLUMN environment_id UUID
    CONSTRAINT deployment_environment_id_fk REFERENCES environment (environment_id);
UPDATE deployment SET environment_id = workspace_id;
ALTER TABLE deployment ALTER COLUMN environment_id SET NOT NULL;
ALTER TABLE deployment DROP CONSTRAINT deployment_workspace_id_name_key;
ALTER TABLE deployment ADD CONSTRAINT deployment_environment_id_name_key UNIQUE (environment_id, name);
CREATE INDEX deployment_workspace_id_name_deployment_id_idx ON deployment (workspace_id, name, deployment_id);

ALTER TABLE secret ADD COLUMN environment_id UUID
    CONSTRAINT secret_environment_id_fk REFERENCES environment (environment_id);
UPDATE secret SET environment_id = workspace_id;
ALTER TABLE secret ALTER COLUMN environment_id SET NOT NULL;
ALTER TABLE secret DROP CONSTRAINT secret_workspace_id_name_key;
ALTER TABLE secret ADD CONSTRAINT secret_environment_id_name_key UNIQUE (environment_id, name);
CREATE INDEX secret_workspace_id_name_secret_id_idx ON secret (workspace_id, name, secret_id);

ALTER TABLE volume ADD COLUMN environment_id UUID
    CONSTRAINT volume_environment_id_fk REFERENCES environment (environment_id);
UPDATE volume SET environment_id = workspace_id;
ALTER TABLE volume ALTER COLUMN environment_id SET NOT NULL;
ALTER TABLE volume DROP CONSTRAINT volume_workspace_id_name_key;
ALTER TABLE volume ADD CONSTRAINT volume_environment_id_name_key UNIQUE (environment_id, name);
CREATE INDEX volume_workspace_id_name_volume_id_idx ON volume (workspace_id, name, volume_id);
