//! `/sign-in`: the sign-in form.

use components::{button::ButtonKind, layout::PlainFrame, page::PageHeader};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use models::{api::session::SignIn, endpoint::Empty, form::is_local};

use crate::form::{EndpointForm, TextInput};

/// Asks for an email address and a password, then leads back to the requested page.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let next = use_query_map()
        .read_untracked()
        .get("next")
        // Braces would be read as placeholders for values of the response.
        .filter(|next| is_local(next) && !next.contains(['{', '}']))
        .unwrap_or_else(|| "/".to_owned());
    view! {
        <Title text="Sign in" />
        <PlainFrame>
            <PageHeader title="Sign in" />
            <div class="plain-card">
                <EndpointForm
                    endpoint=SignIn
                    path=Empty {}
                    success=next
                        kind=ButtonKind::Primary
                    label="Sign in"
                    busy_label="Signing in…"
                >
                    <TextInput label="Email" field="email" kind="email" autocomplete="username" />
                    <TextInput
                        label="Password"
                        field="password"
                        kind="password"
                        autocomplete="current-password"
                    />
                </EndpointForm>
            </div>
        </PlainFrame>
    }
}
