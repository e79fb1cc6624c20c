//! Projects and environments on the wire.

use insta::assert_snapshot;
use models::{
    api::workspace::{
        environment::{
            CreateEnvironment, CreateEnvironmentPath, CreateEnvironmentRequest,
            CreateEnvironmentResponse,
        },
        project::{CreateProject, CreateProjectPath, CreateProjectRequest, CreateProjectResponse},
    },
    endpoint::Empty,
    environment::Environment,
    name_or_id::NameOrId,
    project::Project,
};

use super::{at, environment, id, name, workspace_id};
use crate::exchange::exchange;

#[test]
fn projects_and_environments() {
    let workspace_id = workspace_id();
    let request = CreateProjectRequest {
        name: name("main"),
        environment: None,
    };
    let response = CreateProjectResponse {
        project: Project {
            project_id: id(10),
            workspace_id,
            name: name("main"),
            is_default: true,
            environments: vec![environment()],
            created_at: at(0),
        },
    };
    let path = CreateProjectPath { workspace_id };
    let project = exchange::<CreateProject>(path, Empty {}, request, response);

    let request = CreateEnvironmentRequest {
        project: Some(NameOrId::Name(name("main"))),
        name: name("staging"),
    };
    let response = CreateEnvironmentResponse {
        environment: Environment {
            environment_id: id(11),
            workspace_id,
            project_id: id(10),
            project_name: name("main"),
            name: name("staging"),
            is_default: false,
            deployments: 0,
            secrets: 0,
            volumes: 0,
            created_at: at(1),
        },
    };
    let path = CreateEnvironmentPath { workspace_id };
    let environment = exchange::<CreateEnvironment>(path, Empty {}, request, response);
    assert_snapshot!([project, environment].join("\n"));
}
