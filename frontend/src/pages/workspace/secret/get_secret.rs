//! `/workspace/{workspace_id}/secret/{secret_id}`: a secret.

use components::{
    button::ButtonKind,
    code::CodeInline,
    facts::{Fact, Facts},
    section::{Card, Section},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    api::workspace::secret::{
        DeleteSecret, DeleteSecretPath, GetSecret, GetSecretPath, GetSecretResponse, UpdateSecret,
        UpdateSecretPath,
    },
    rbac::{Permission, SecretAction},
    secret::Secret,
};

use super::SECRETS;
use crate::{
    account::Grants,
    form::{EndpointForm, TextAreaInput},
    pages::workspace::{
        ids::{secret_id, workspace_id},
        resource::{
            Users,
            get::{EndOf, ResourcePage, thing_page},
        },
    },
    paths,
    sections::environment_switch::EnvironmentFact,
};

/// A secret: the deployments that use it, a new value, its deletion.
#[component]
pub(crate) fn GetSecretPage() -> impl IntoView {
    let ids = workspace_id().zip(secret_id());
    let path = ids.map(|(workspace_id, secret_id)| GetSecretPath {
        workspace_id,
        secret_id,
    });
    thing_page(SECRETS, GetSecret, path, thing)
}

fn thing(GetSecretResponse { secret }: GetSecretResponse, grants: Grants) -> ResourcePage {
    let may = |action| grants.allow(Permission::Secret(action));
    let replacing = may(SecretAction::Edit).then(|| view! { <Replacing secret=secret.clone() /> });
    let deleting = may(SecretAction::Delete).then(|| view! { <Deleting secret=secret.clone() /> });
    ResourcePage {
        title: secret.name.to_string(),
        workspace_id: secret.workspace_id,
        body: view! {
            <About secret=secret grants=grants />
            {replacing}
            {deleting}
        }
        .into_any(),
    }
}

#[component]
fn About(secret: Secret, grants: Grants) -> impl IntoView {
    let workspace_id = secret.workspace_id;
    let users = secret.used_by.iter().map(|user| {
        let href = paths::deployment(workspace_id, user.deployment_id);
        view! { <a href=href>{user.name.to_string()}</a> }.into_any()
    });
    let users = users.collect();
    let at = secret.updated_at;
    view! {
        <Card>
            <Facts>
                <EnvironmentFact
                    workspace_id=workspace_id
                    environment=secret.environment
                    grants=grants
                />
                <Fact name="Used by">
                    <Users users=users />
                </Fact>
                <Fact name="Value">
                    {format!("version {}, set ", secret.version)} <Moment at=at />
                </Fact>
                <Fact name="Id">
                    <CodeInline text=secret.secret_id.to_string() />
                </Fact>
            </Facts>
        </Card>
    }
}

#[component]
fn Replacing(secret: Secret) -> impl IntoView {
    let path = UpdateSecretPath {
        workspace_id: secret.workspace_id,
        secret_id: secret.secret_id,
    };
    view! {
        <Section
            title="Replace value"
            lead="Running instances keep the value they started with. Deploy again to use the new value."
        >
            <Card>
                <EndpointForm
                    endpoint=UpdateSecret
                    path=path
                    success=paths::secret(secret.workspace_id, secret.secret_id)
                    kind=ButtonKind::Primary
                    label="Replace value"
                    busy_label="Replacing…"
                >
                    <TextAreaInput label="New value" field="secret_value" required=true />
                </EndpointForm>
            </Card>
        </Section>
    }
}

#[component]
fn Deleting(secret: Secret) -> impl IntoView {
    if !secret.used_by.is_empty() {
        return view! {
            <p class="soft">
                "This secret can be deleted once no deployment uses it. Earlier releases keep their values."
            </p>
        }
        .into_any();
    }
    let path = DeleteSecretPath {
        workspace_id: secret.workspace_id,
        secret_id: secret.secret_id,
    };
    view! {
        <EndOf
            endpoint=DeleteSecret
            path=path
            warning=ViewFn::from(|| "This deletes the value and cannot be undone.")
            name=secret.name.to_string()
            success=paths::secrets(secret.workspace_id)
            label="Delete this secret"
            busy_label="Deleting…"
        />
    }
    .into_any()
}
