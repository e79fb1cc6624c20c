//! Decision on a registration request.

use components::{
    alert::Alert,
    button::ButtonKind,
    section::{Card, Section},
    status::Tone,
};
use leptos::prelude::*;
use models::{
    api::workspace::registration::{
        ApproveRegistration, ApproveRegistrationPath, DenyRegistration, DenyRegistrationPath,
        GetRegistrationPath,
    },
    runner::Registration,
};

use crate::{
    form::{EndpointForm, TextInput},
    paths,
};

/// The form for the runner's name and the decision, with the points to check first.
#[component]
pub(super) fn Decision(path: GetRegistrationPath, registration: Registration) -> impl IntoView {
    let GetRegistrationPath {
        workspace_id,
        registration_id,
    } = path;
    let approve = ApproveRegistrationPath {
        workspace_id,
        registration_id,
    };
    let deny = DenyRegistrationPath {
        workspace_id,
        registration_id,
    };
    let name = registration.suggested_name.to_string();
    view! {
        <Alert tone=Tone::Warn title="Approve this runner only if you started it yourself just now">
            <p>
                "Anyone can start a runner and send you its code. Whoever controls its host can see everything you deploy on it, including secrets. Berth itself sees only the address. The runner reports everything else."
            </p>
        </Alert>
        <Card>
            <EndpointForm
                endpoint=ApproveRegistration
                path=approve
                success=format!("/workspace/{workspace_id}/runner/{{runner.runner_id}}")
                kind=ButtonKind::Primary
                label="Approve runner"
                busy_label="Approving…"
                note="The runner then connects automatically."
            >
                <TextInput
                    label="Name"
                    field="name"
                    value=name
                    mono=true
                    hint="The name of the runner in this workspace. Lowercase letters, digits and hyphens."
                />
            </EndpointForm>
        </Card>
        <Section title="Not your runner?" lead="The runner stops, and its code is no longer valid.">
            <Card>
                <EndpointForm
                    endpoint=DenyRegistration
                    path=deny
                    success=paths::runners(workspace_id)
                    kind=ButtonKind::Danger
                    label="Deny runner"
                    busy_label="Denying…"
                />
            </Card>
        </Section>
    }
}
