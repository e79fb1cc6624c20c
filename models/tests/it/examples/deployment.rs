//! Creating, changing and listing deployments.

use insta::assert_snapshot;
use models::{
    api::workspace::deployment::{
        CreateDeployment, CreateDeploymentPath, CreateDeploymentRequest, CreateDeploymentResponse,
        ListDeployments, ListDeploymentsPath, UpdateDeployment, UpdateDeploymentPath,
        UpdateDeploymentRequest, UpdateDeploymentResponse,
    },
    deployment::{DeploymentSummary, DesiredState, ReleasePhase, Resources, Spec},
    endpoint::Empty,
    name_or_id::NameOrId,
    page::{Cursor, EnvironmentPageQuery, Page},
};

use super::{
    at, deployment, deployment_id, environment, name, new_deployment, observed, runner_id, spec,
    workspace_id,
};
use crate::exchange::exchange;

#[test]
fn create() {
    let path = CreateDeploymentPath {
        workspace_id: workspace_id(),
    };
    let request = CreateDeploymentRequest {
        environment: NameOrId::parse("staging"),
        name: name("hello"),
        runner_id: runner_id(),
        source: None,
        spec: Spec {
            resources: Resources::default(),
            ..spec()
        },
        machine_type: Some(name("small")),
        deploy: Some(false),
        auto_deploy: Some(true),
    };
    let response = CreateDeploymentResponse {
        deployment: deployment(),
    };
    let call = exchange::<CreateDeployment>(path, Empty {}, request, response);
    assert_snapshot!(call);
}

#[test]
fn update() {
    let path = UpdateDeploymentPath {
        workspace_id: workspace_id(),
        deployment_id: deployment_id(),
    };
    let request = UpdateDeploymentRequest {
        spec: spec(),
        machine_type: None,
        deploy: None,
        auto_deploy: None,
        if_unchanged_since: None,
    };
    let response = UpdateDeploymentResponse {
        deployment: new_deployment(),
    };
    let call = exchange::<UpdateDeployment>(path, Empty {}, request, response);
    assert_snapshot!(call);
}

#[test]
fn list() {
    let path = ListDeploymentsPath {
        workspace_id: workspace_id(),
    };
    let query = EnvironmentPageQuery {
        project: Some(NameOrId::Name(name("shop"))),
        environment: NameOrId::parse("shop:staging"),
        limit: Some(1),
        cursor: Some(Cursor("a/b c&d".to_owned())),
    };
    let page = Page {
        items: vec![DeploymentSummary {
            deployment_id: deployment_id(),
            environment: environment(),
            name: name("hello"),
            image: spec().image,
            runner_name: name("this-machine"),
            desired: DesiredState::Stopped,
            phase: Some(ReleasePhase::Live),
            observed: observed(),
            updated_at: at(1),
        }],
        next_cursor: Some(Cursor("hello".to_owned())),
        total: 2,
    };
    let call = exchange::<ListDeployments>(path, query, Empty {}, page);
    assert_snapshot!(call);
}
