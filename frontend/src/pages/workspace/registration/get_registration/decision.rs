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
        <Alert tone=Tone::Warn title="Approve it only if you started it yourself, just now">
            <p>
                "Anybody can start a runner and send you its code. Whoever has the machine sees everything that you deploy on it, secrets too. Only the address is what Berth itself sees; the rest is what the runner says."
            </p>
        </Alert>
        <Card>
            <EndpointForm
                endpoint=ApproveRegistration
                path=approve
                success=format!("/workspace/{workspace_id}/runner/{{runner.runner_id}}")
                kind=ButtonKind::Primary
                label="Approve"
                busy_label="Approving…"
                note="It connects by itself."
            >
                <TextInput
                    label="Name"
                    field="name"
                    value=name
                    mono=true
                    hint="What the runner is called in this workspace. Lower-case letters, digits and hyphens."
                />
            </EndpointForm>
        </Card>
        <Section title="It is not yours?" lead="It is told so and ends. Its code is void.">
            <Card>
                <EndpointForm
                    endpoint=DenyRegistration
                    path=deny
                    success=paths::runners(workspace_id)
                    kind=ButtonKind::Danger
                    label="Deny"
                    busy_label="Denying…"
                />
            </Card>
        </Section>
    }
}
