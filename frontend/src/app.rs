//! Routes from addresses to pages.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
use models::form::FormOutcome;

use crate::{
    form::{FormPage, Posted},
    frame::SignedIn,
    pages::{
        gallery::Gallery,
        index::IndexPage,
        not_found::NotFound,
        register::RegisterRunnerPage,
        session::sign_in::SignInPage,
        setup::complete_setup::CompleteSetupPage,
        workspace::{
            api_token::{
                create_api_token::CreateApiTokenPage, get_api_token::GetApiTokenPage,
                list_api_tokens::ListApiTokensPage,
            },
            create_workspace::CreateWorkspacePage,
            deployment::{
                create_deployment::CreateDeploymentPage, get_deployment::GetDeploymentPage,
                get_release::GetReleasePage, get_run::GetRunPage, get_stats::GetStatsPage,
                list_deployments::ListDeploymentsPage, list_log_lines::ListLogLinesPage,
                list_runs::ListRunsPage, open_terminal::OpenTerminalPage,
                update_deployment::UpdateDeploymentPage,
            },
            environment::{
                create_environment::CreateEnvironmentPage, get_environment::GetEnvironmentPage,
            },
            get_workspace::GetWorkspacePage,
            project::{
                create_project::CreateProjectPage, get_project::GetProjectPage,
                list_projects::ListProjectsPage,
            },
            registration::{
                find_registration::FindRegistrationPage, get_registration::GetRegistrationPage,
            },
            registry::{
                create_registry::CreateRegistryPage, get_registry::GetRegistryPage,
                list_registries::ListRegistriesPage,
            },
            runner::{
                create_runner::CreateRunnerPage, get_runner::GetRunnerPage,
                list_runners::ListRunnersPage, rotate_runner_token::RotateRunnerTokenPage,
            },
            secret::{
                create_secret::CreateSecretPage, get_secret::GetSecretPage,
                list_secrets::ListSecretsPage,
            },
            volume::{
                create_volume::CreateVolumePage, get_volume::GetVolumePage,
                list_volumes::ListVolumesPage,
            },
        },
    },
    paths,
};

/// Returns the text of the browser's tab.
fn tab_title(title: String) -> String {
    if title.is_empty() {
        "Berth".to_owned()
    } else {
        format!("{title} · Berth")
    }
}

/// The page for the requested address.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(Posted(use_context::<FormOutcome>()));
    provide_context(FormPage(paths::requested().unwrap_or_default()));
    // Pages are complete before the first byte is sent: without scripts, nothing could add the
    // rest later.
    view! {
        <Title formatter=tab_title />
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/") view=IndexPage ssr=SsrMode::Async />
                <Route path=path!("/setup") view=CompleteSetupPage ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                <Route path=path!("/register") view=RegisterRunnerPage ssr=SsrMode::Async />
                <Route path=path!("/components") view=Gallery ssr=SsrMode::Async />
                <ParentRoute path=path!("/workspace") view=SignedIn ssr=SsrMode::Async>
                    <Route path=path!("new") view=CreateWorkspacePage />
                    <Route path=path!(":workspace_id") view=GetWorkspacePage />
                    <Route path=path!(":workspace_id/deployment") view=ListDeploymentsPage />
                    <Route path=path!(":workspace_id/deployment/new") view=CreateDeploymentPage />
                    <Route
                        path=path!(":workspace_id/deployment/:deployment_id")
                        view=GetDeploymentPage
                    />
                    <Route
                        path=path!(":workspace_id/deployment/:deployment_id/logs")
                        view=ListLogLinesPage
                    />
                    <Route
                        path=path!(":workspace_id/deployment/:deployment_id/release/:release_id")
                        view=GetReleasePage
                    />
                    <Route
                        path=path!(":workspace_id/deployment/:deployment_id/metrics")
                        view=GetStatsPage
                    />
                    <Route
                        path=path!(":workspace_id/deployment/:deployment_id/runs")
                        view=ListRunsPage
                    />
                    <Route
                        path=path!(":workspace_id/deployment/:deployment_id/run/:run_id")
                        view=GetRunPage
                    />
                    <Route
                        path=path!(":workspace_id/deployment/:deployment_id/settings")
                        view=UpdateDeploymentPage
                    />
                    <Route
                        path=path!(":workspace_id/deployment/:deployment_id/terminal")
                        view=OpenTerminalPage
                    />
                    <Route
                        path=path!(":workspace_id/environment/new")
                        view=CreateEnvironmentPage
                    />
                    <Route
                        path=path!(":workspace_id/environment/:environment_id")
                        view=GetEnvironmentPage
                    />
                    <Route path=path!(":workspace_id/project") view=ListProjectsPage />
                    <Route path=path!(":workspace_id/project/new") view=CreateProjectPage />
                    <Route path=path!(":workspace_id/project/:project_id") view=GetProjectPage />
                    <Route path=path!(":workspace_id/registration") view=FindRegistrationPage />
                    <Route
                        path=path!(":workspace_id/registration/:registration_id")
                        view=GetRegistrationPage
                    />
                    <Route path=path!(":workspace_id/registry") view=ListRegistriesPage />
                    <Route path=path!(":workspace_id/registry/new") view=CreateRegistryPage />
                    <Route
                        path=path!(":workspace_id/registry/:registry_id")
                        view=GetRegistryPage
                    />
                    <Route path=path!(":workspace_id/runner") view=ListRunnersPage />
                    <Route path=path!(":workspace_id/runner/new") view=CreateRunnerPage />
                    <Route path=path!(":workspace_id/runner/:runner_id") view=GetRunnerPage />
                    <Route path=path!(":workspace_id/volume") view=ListVolumesPage />
                    <Route path=path!(":workspace_id/volume/new") view=CreateVolumePage />
                    <Route path=path!(":workspace_id/volume/:volume_id") view=GetVolumePage />
                    <Route
                        path=path!(":workspace_id/runner/:runner_id/token")
                        view=RotateRunnerTokenPage
                    />
                    <Route path=path!(":workspace_id/api-token") view=ListApiTokensPage />
                    <Route path=path!(":workspace_id/api-token/new") view=CreateApiTokenPage />
                    <Route
                        path=path!(":workspace_id/api-token/:api_token_id")
                        view=GetApiTokenPage
                    />
                    <Route path=path!(":workspace_id/secret") view=ListSecretsPage />
                    <Route path=path!(":workspace_id/secret/new") view=CreateSecretPage />
                    <Route path=path!(":workspace_id/secret/:secret_id") view=GetSecretPage />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
