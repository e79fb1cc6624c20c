//! `/workspace/{workspace_id}/deployment/{deployment_id}/terminal`: the terminal.

use components::{
    alert::Alert,
    select::{Choice, Select},
    status::Tone,
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::Stylesheet;
use models::{
    api::PREFIX,
    deployment::{Deployment, Instance, InstanceState},
    rbac::{DeploymentAction, Permission},
};

use super::{
    run_command::OneCommand,
    tabs::{DeploymentHeader, DeploymentPage, DeploymentTab},
};
use crate::{account::Grants, context::SiteFiles, paths};

/// A terminal for a deployment's instances.
///
/// Without scripts, it runs one command at a time.
#[component]
pub(crate) fn OpenTerminalPage() -> impl IntoView {
    view! { <DeploymentPage tab=DeploymentTab::Terminal body=terminal /> }
}

fn terminal(deployment: Deployment, grants: Grants) -> AnyView {
    let instances = running(&deployment.observed.instances);
    let body = if !grants.allow(Permission::Deployment(DeploymentAction::Exec)) {
        view! {
            <Alert tone=Tone::Neutral title="Your access to this deployment is read-only">
                <p>"Workspace owners can run commands in its instances."</p>
            </Alert>
        }
        .into_any()
    } else if instances.is_empty() {
        view! {
            <Alert tone=Tone::Neutral title="No instance is running">
                <p>"Start the deployment, or check its logs if it exited. Then reload this page."</p>
            </Alert>
        }
        .into_any()
    } else {
        view! {
            <Screen deployment=deployment.clone() instances=instances.clone() />
            <OneCommand deployment=deployment.clone() instances=instances />
        }
        .into_any()
    };
    view! {
        <DeploymentHeader tab=DeploymentTab::Terminal deployment=deployment grants=grants />
        <div class="stack">{body}</div>
    }
    .into_any()
}

/// Returns the instances that can run commands.
fn running(instances: &[Instance]) -> Vec<Choice> {
    let running = instances.iter().filter_map(|instance| {
        let state = match instance.state {
            InstanceState::Running => "running",
            InstanceState::Unhealthy => "unhealthy",
            InstanceState::Starting => "starting",
            _ => return None,
        };
        let id = instance.instance_id.to_string();
        // Ids created at the same time share their first digits.
        let short = id.rsplit('-').next().unwrap_or_default();
        let label = format!("{short} ({state})");
        Some(Choice { value: id, label })
    });
    running.collect()
}

/// The element that the page's script, `terminal.mjs`, turns into a terminal.
///
/// It stays hidden without scripts.
#[component]
fn Screen(deployment: Deployment, instances: Vec<Choice>) -> impl IntoView {
    let files = use_context::<SiteFiles>().map_or_else(String::new, |files| files.0);
    let stream = format!(
        "{PREFIX}{}/instance/",
        paths::deployment(deployment.workspace_id, deployment.deployment_id)
    );
    view! {
        <Stylesheet href=format!("{files}/xterm.css") />
        <script type="module" src=format!("{files}/terminal.mjs") nonce=use_nonce()></script>
        <section id="terminal" class="terminal" aria-label="Terminal" data-terminal=stream hidden>
            <div class="terminal-bar">
                <Select label="Instance" name="terminal-instance" choices=instances />
                <button type="button" class="button button-primary">
                    "Open a terminal"
                </button>
            </div>
            <div class="terminal-screen"></div>
            <p class="soft" role="status"></p>
        </section>
    }
}
