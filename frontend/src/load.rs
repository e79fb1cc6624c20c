//! Reading what a page shows, and what to show instead when that fails.

use components::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
    status::Tone,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_location, location::Location};
use models::{
    client::{Satisfies, Session},
    endpoint::{ApiEndpoint, Empty},
    error::{ApiError, ErrorCode},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    browser,
    client::use_client,
    context::{ResponseRedirect, ResponseStatus},
    paths,
};

/// What a page shows, once it is there.
pub(crate) type Loading<T> = Resource<Result<T, ApiError>>;

/// Reads from an endpoint; again whenever the path changes. No path is one that leads nowhere.
pub(crate) fn load<E>(
    path: impl Fn() -> Option<E::Path> + Send + Sync + 'static,
    query: E::Query,
) -> Loading<E::Response>
where
    E: ApiEndpoint<Request = Empty>,
    E::Path: PartialEq,
    Session: Satisfies<E::Caller>,
{
    let client = use_client();
    Resource::new(path, move |path| {
        let (client, query) = (client.clone(), query.clone());
        async move {
            let path = path.ok_or(ErrorCode::NotFound)?;
            client.call::<E>(&path, &query, &Empty {}).await
        }
    })
}

/// What was loaded, as a signal that may be kept up to date, or what is wrong.
#[component]
pub(crate) fn Loaded<T>(
    /// What is shown.
    loading: Loading<T>,
    /// How it is shown.
    view: impl Fn(RwSignal<T>) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let refused = Refusal::new();
    view! {
        <Suspense fallback=|| {
            view! { <p class="soft">"Loading…"</p> }
        }>
            {move || {
                let (view, refused) = (view.clone(), refused.clone());
                Suspend::new(async move {
                    match loading.await {
                        Ok(loaded) => view(RwSignal::new(loaded)),
                        Err(error) => refused.view(error),
                    }
                })
            }}
        </Suspense>
    }
}

/// What to do about an error that leaves nothing to show.
///
/// Made within a component, because it needs the context; used when the error is known.
#[derive(Clone)]
pub(crate) struct Refusal {
    location: Location,
    status: Option<ResponseStatus>,
    redirect: Option<ResponseRedirect>,
}

impl Refusal {
    pub(crate) fn new() -> Self {
        Self {
            location: use_location(),
            status: use_context(),
            redirect: use_context(),
        }
    }

    /// Somebody who is not signed in is sent to do so; everybody else reads what is wrong.
    pub(crate) fn view(&self, error: ApiError) -> AnyView {
        if error.code == ErrorCode::Unauthenticated {
            self.go(&paths::sign_in_for(&paths::of(&self.location)));
            return ().into_any();
        }
        if let Some(status) = &self.status {
            status.set(error.status);
        }
        view! { <Problem error=error page=paths::of(&self.location) /> }.into_any()
    }

    /// Leads to a page that is not part of the application, or is another one of it.
    pub(crate) fn go(&self, path: &str) {
        match &self.redirect {
            Some(redirect) => redirect.to(path),
            None => browser::leave_for(path),
        }
    }
}

/// What is wrong, and what to do next.
#[component]
pub(crate) fn Problem(
    error: ApiError,
    /// The page that could not be shown, to try again.
    page: String,
) -> impl IntoView {
    let missing = error.code == ErrorCode::NotFound;
    let title = match error.code {
        ErrorCode::NotFound => "Nothing here",
        ErrorCode::PermissionDenied => "Not allowed",
        ErrorCode::ServerUnreachable => "No connection",
        _ => "That did not work",
    };
    view! {
        <Title text=title />
        <div class="page page-narrow">
            <h1>{title}</h1>
            <Alert tone=if missing { Tone::Neutral } else { Tone::Bad } title=error.message urgent=true>
                ""
            </Alert>
            <div class="cluster">
                {(!missing)
                    .then(|| {
                        view! {
                            <LinkButton kind=ButtonKind::Primary href=page label="Try again" />
                        }
                    })}
                <LinkButton href="/" label="Go home" />
            </div>
        </div>
    }
}
