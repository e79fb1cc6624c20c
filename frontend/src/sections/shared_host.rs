//! The warning that apps share the dashboard's host name.

use components::{alert::Alert, status::Tone};
use leptos::prelude::*;
use models::{
    rbac::{Permission, RunnerAction},
    runner::Runner,
};

use crate::account::Grants;

/// Warns that apps receive the session cookies of people who open them.
///
/// Shown only to people who may change runners.
#[component]
pub(crate) fn SharedHostAlert(runners: Vec<Runner>, grants: Grants) -> impl IntoView {
    let sharing = runners.iter().filter(|runner| runner.shares_dashboard_host);
    let names: Vec<_> = sharing.map(|runner| runner.name.to_string()).collect();
    let is_shown = !names.is_empty() && grants.allow(Permission::Runner(RunnerAction::Edit));
    is_shown.then(|| {
        let title = format!(
            "Apps on {} can take over the sessions of people who open them",
            names.join(", ")
        );
        view! {
            <Alert tone=Tone::Warn title=title>
                <p>
                    "They share the host name of this dashboard over plain HTTP, and browsers send cookies to every port of a host. Serve the dashboard over https (server.public_url), or set a different publish_address for the runner."
                </p>
            </Alert>
        }
    })
}
