//! Decision on a registration request.

use components::{
    alert::Alert,
    button::ButtonKind,
    section::{Card, Section},
    status::Tone,
};
use leptos::prelude::*;
use models::{
    api::workspace::enrolment::{
        ApproveEnrolment, ApproveEnrolmentPath, GetEnrolmentPath, RefuseEnrolment,
        RefuseEnrolmentPath,
    },
    runner::Enrolment,
};

use crate::{
    form::{EndpointForm, TextInput},
    paths,
};

/// The form for the runner's name and the decision, with the points to check first.
#[component]
pub(super) fn Deciding(path: GetEnrolmentPath, enrolment: Enrolment) -> impl IntoView {
    let GetEnrolmentPath {
        workspace_id,
        enrolment_id,
    } = path;
    let approve = ApproveEnrolmentPath {
        workspace_id,
        enrolment_id,
    };
    let refuse = RefuseEnrolmentPath {
        workspace_id,
        enrolment_id,
    };
    let name = enrolment.suggested_name.to_string();
    view! {
        <Alert tone=Tone::Warn title="Approve it only if you started it yourself, just now">
            <p>
                "Anybody can start a runner and send you its code. Whoever has the machine sees everything that you deploy on it, secrets too. Only the address is what Berth itself sees; the rest is what the runner says."
            </p>
        </Alert>
        <Card>
            <EndpointForm
                endpoint=ApproveEnrolment
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
                    endpoint=RefuseEnrolment
                    path=refuse
                    success=paths::runners(workspace_id)
                    kind=ButtonKind::Danger
                    label="Refuse"
                    busy_label="Refusing…"
                />
            </Card>
        </Section>
    }
}
