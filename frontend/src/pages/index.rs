//! `/`: redirects to the person's first page.

use components::{alert::Alert, layout::PlainFrame, page::PageHeader, status::Tone};
use leptos::prelude::*;
use models::{
    api::{setup::GetSetup, workspace::ListWorkspaces},
    endpoint::Empty,
    error::{ApiError, ErrorCode},
    page::PageQuery,
};

use crate::{
    client::{PageClient, use_client},
    load::LoadError,
    paths,
};

/// Redirects to the first workspace or to sign-in, or explains how to set Berth up.
#[component]
pub(crate) fn IndexPage() -> impl IntoView {
    let refusal = LoadError::new();
    let target = OnceResource::new(target(use_client()));
    view! {
        <Suspense>
            {move || {
                let refusal = refusal.clone();
                Suspend::new(async move {
                    match target.await {
                        Ok(Some(path)) => {
                            refusal.go(&path);
                            ().into_any()
                        }
                        Ok(None) => view! { <NotSetUp /> }.into_any(),
                        Err(error) => {
                            let problem = refusal.view(error);
                            view! { <PlainFrame>{problem}</PlainFrame> }.into_any()
                        }
                    }
                })
            }}
        </Suspense>
    }
}

/// Returns the redirect's target; `None` while Berth is not set up.
async fn target(client: PageClient) -> Result<Option<String>, ApiError> {
    let none = Empty {};
    let first = PageQuery {
        limit: Some(1),
        cursor: None,
    };
    match client.call::<ListWorkspaces>(&none, &first, &none).await {
        Ok(page) => Ok(Some(match page.items.first() {
            Some(workspace) => paths::workspace(workspace.workspace_id),
            None => paths::NEW_WORKSPACE.to_owned(),
        })),
        Err(error) if error.code == ErrorCode::Unauthenticated => {
            let setup = client.call::<GetSetup>(&none, &none, &none).await?;
            Ok(setup.is_done.then(|| paths::SIGN_IN.to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// Instructions for becoming the administrator.
#[component]
pub(crate) fn NotSetUp() -> impl IntoView {
    view! {
        <leptos_meta::Title text="Set up" />
        <PlainFrame>
            <PageHeader title="Berth is not set up yet" />
            <Alert tone=Tone::Busy title="Open the set-up link">
                <p>
                    "When the server started, it printed a link with a one-time token. Open it to create the first account."
                </p>
            </Alert>
        </PlainFrame>
    }
}
