//! `/workspace/{workspace_id}/secret/{secret_id}`

use components::{
    button::ButtonKind,
    code::CodeInline,
    confirm::ConfirmByTyping,
    facts::{Fact, Facts},
    page::PageHeader,
    section::{Card, Section},
    time::Moment,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::secret::{
        DeleteSecret, DeleteSecretPath, GetSecret, GetSecretPath, GetSecretResponse, UpdateSecret,
        UpdateSecretPath,
    },
    endpoint::Empty,
    rbac::{Permission, SecretAction},
    secret::Secret,
};

use crate::{
    account::Rights,
    api_call::ApiCall,
    form::{EndpointForm, TextAreaInput},
    load::{Loaded, load},
    pages::workspace::ids::{secret_id, workspace_id},
    paths,
};

/// A secret: who uses it, a new value, its end.
#[component]
pub(crate) fn GetSecretPage() -> impl IntoView {
    let path = workspace_id()
        .zip(secret_id())
        .map(|(workspace_id, secret_id)| GetSecretPath {
            workspace_id,
            secret_id,
        });
    let secret = load::<GetSecret>(path.clone(), Empty {});
    let view = move |GetSecretResponse { secret }: GetSecretResponse, rights: Rights| {
        let title = secret.name.to_string();
        let above = ("Secrets".to_owned(), paths::secrets(secret.workspace_id));
        let call = path.clone().map(|path| {
            view! { <ApiCall endpoint=GetSecret path=path query=Empty {} /> }
        });
        let replacing = rights
            .allow(Permission::Secret(SecretAction::Edit))
            .then(|| view! { <Replacing secret=secret.clone() /> });
        let deleting = rights
            .allow(Permission::Secret(SecretAction::Delete))
            .then(|| view! { <Deleting secret=secret.clone() /> });
        view! {
            <Title text=title.clone() />
            <div class="page page-narrow">
                <PageHeader title=title above=above />
                <About secret=secret />
                {replacing}
                {deleting}
                {call}
            </div>
        }
        .into_any()
    };
    view! { <Loaded loading=secret view=view /> }
}

#[component]
fn About(secret: Secret) -> impl IntoView {
    let workspace_id = secret.workspace_id;
    let users = secret.used_by.iter().map(|user| {
        let href = paths::deployment(workspace_id, user.deployment_id);
        view! { <li><a href=href>{user.name.to_string()}</a></li> }
    });
    let users = if secret.used_by.is_empty() {
        view! { <span class="soft">"nothing"</span> }.into_any()
    } else {
        view! { <ul class="stack-tight">{users.collect_view()}</ul> }.into_any()
    };
    let at = secret.updated_at;
    view! {
        <Card>
            <Facts>
                <Fact name="Used by">{users}</Fact>
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
        <Section title="Delete">
            <Card danger=true>
                <p>"Its value is gone then. There is no way back."</p>
                <EndpointForm
                    endpoint=DeleteSecret
                    path=path
                    success=paths::secrets(secret.workspace_id)
                    kind=ButtonKind::Danger
                    label="Delete this secret"
                    busy_label="Deleting…"
                >
                    <ConfirmByTyping expected=secret.name.to_string() />
                </EndpointForm>
            </Card>
        </Section>
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
