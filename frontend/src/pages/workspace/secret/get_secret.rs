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
            <About secret=secret />
            {replacing}
            {deleting}
        }
        .into_any(),
    }
}

#[component]
fn About(secret: Secret) -> impl IntoView {
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
                <Fact name="Used by">
                    <Users users=users />
                </Fact>
                <Fact name="Value">
                    {format!("the {}, set ", ordinal(secret.version))} <Moment at=at />
                </Fact>
                <Fact name="Id">
                    <CodeInline text=secret.secret_id.to_string() />
                </Fact>
            </Facts>
        </Card>
    }
}

fn ordinal(number: i64) -> String {
    let ending = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[component]
fn Replacing(secret: Secret) -> impl IntoView {
    let path = UpdateSecretPath {
        workspace_id: secret.workspace_id,
        secret_id: secret.secret_id,
    };
    view! {
        <Section
            title="Replace its value"
            lead="What runs keeps the value that it was started with. Deploy what uses it to hand over the new one."
        >
            <Card>
                <EndpointForm
                    endpoint=UpdateSecret
                    path=path
                    success=paths::secret(secret.workspace_id, secret.secret_id)
                    kind=ButtonKind::Primary
                    label="Replace it"
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
                "It can be deleted once no deployment uses it. Releases of the past keep the values that they had."
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
            warning=ViewFn::from(|| "Its value is gone then. There is no way back.")
            name=secret.name.to_string()
            success=paths::secrets(secret.workspace_id)
            label="Delete this secret"
            busy_label="Deleting…"
        />
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::ordinal;

    #[test]
    fn ordinals_end_as_people_say_them() {
        let told = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal);
        let expected = [
            "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th",
        ];
        assert_eq!(told, expected);
    }
}
