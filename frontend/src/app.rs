//! The application: what every page has, and which page an address names.

use std::time::Duration;

use components::time::Clock;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
use models::time::Timestamp;

use crate::{
    browser,
    frame::{ChosenTheme, SignedIn},
    handover::Handover,
    pages::{
        not_found::NotFound,
        workspace::{
            create_workspace::CreateWorkspacePage,
            deployment::{
                create_deployment::CreateDeploymentPage, get_deployment::GetDeploymentPage,
                list_deployments::ListDeploymentsPage, list_log_lines::ListLogLinesPage,
                update_deployment::UpdateDeploymentPage,
            },
            get_workspace::GetWorkspacePage,
            runner::{create_runner::CreateRunnerPage, list_runners::ListRunnersPage},
        },
    },
};

#[cfg(not(feature = "ssr"))]
use crate::pages::outside::{
    Outside as Gallery, Outside as SignInPage, Outside as CompleteSetupPage, Outside as Start,
};
#[cfg(feature = "ssr")]
use crate::pages::{
    gallery::Gallery, session::sign_in::SignInPage, setup::complete_setup::CompleteSetupPage,
    start::Start,
};

/// The dashboard.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let handover = Handover::receive();
    provide_clock(handover.now);
    provide_context(ChosenTheme(RwSignal::new(handover.theme())));
    provide_context(handover);
    let (is_routing, set_is_routing) = signal(false);

    // Pages are whole before the first byte is sent: without scripts nothing would complete them.
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Berth".to_owned() } else { format!("{title} · Berth") }
        } />
        <Router set_is_routing=set_is_routing>
            <div class="routing" role="presentation" hidden=move || !is_routing.get()></div>
            <Routes fallback=NotFound>
                <Route path=path!("/") view=Start ssr=SsrMode::Async />
                <Route path=path!("/setup") view=CompleteSetupPage ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
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
                        path=path!(":workspace_id/deployment/:deployment_id/settings")
                        view=UpdateDeploymentPage
                    />
                    <Route path=path!(":workspace_id/runner") view=ListRunnersPage />
                    <Route path=path!(":workspace_id/runner/new") view=CreateRunnerPage />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// The server's clock, ticking in the browser: a wrong clock there falsifies no age.
fn provide_clock(now: Timestamp) {
    let clock = RwSignal::new(now);
    provide_context(Clock(clock.into()));
    Effect::new(move |_| {
        let ahead_ms = now.millis_since(browser::now());
        set_interval(
            move || clock.set(browser::now().plus_millis(ahead_ms)),
            Duration::from_secs(1),
        );
    });
}
