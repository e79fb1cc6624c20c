//! Loading of a page's data, and the error view if that fails.

use components::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
    status::Tone,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    client::{Satisfies, Session},
    endpoint::{ApiEndpoint, Empty},
    error::{ApiError, ErrorCode},
    page::{MAX_LIMIT, PageQuery},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    account::{AccountContext, Grants},
    client::use_client,
    context::{ResponseRedirect, ResponseStatus},
    paths,
};

/// The data of a page, while it loads.
pub(crate) type Loading<T> = OnceResource<Result<T, ApiError>>;

/// Reads from an endpoint; `None` as path yields "not found".
pub(crate) fn load<E>(path: Option<E::Path>, query: E::Query) -> Loading<E::Response>
where
    E: ApiEndpoint<Request = Empty>,
    Session: Satisfies<E::Caller>,
{
    let client = use_client();
    OnceResource::new(async move {
        let path = path.ok_or(ErrorCode::NotFound)?;
        client.call::<E>(&path, &query, &Empty {}).await
    })
}

/// Reads optional data from an endpoint.
///
/// `None` without a path, or if the request fails.
pub(crate) fn load_if_possible<E>(
    path: Option<E::Path>,
    query: E::Query,
) -> Loading<Option<E::Response>>
where
    E: ApiEndpoint<Request = Empty>,
    Session: Satisfies<E::Caller>,
{
    let client = use_client();
    OnceResource::new(async move {
        let Some(path) = path else {
            return Ok(None);
        };
        Ok(client.call::<E>(&path, &query, &Empty {}).await.ok())
    })
}

/// Data that a page needs together: of one endpoint, or of several as a tuple.
pub(crate) trait Load: Copy + Send + Sync + 'static {
    /// The loaded data.
    type Data: Send + 'static;

    /// Waits for all of it; the first error in the order of the tuple counts.
    fn all(self) -> impl Future<Output = Result<Self::Data, ApiError>> + Send;
}

impl<T> Load for Loading<T>
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    type Data = T;

    async fn all(self) -> Result<T, ApiError> {
        self.await
    }
}

impl<A: Load, B: Load> Load for (A, B) {
    type Data = (A::Data, B::Data);

    async fn all(self) -> Result<Self::Data, ApiError> {
        Ok((self.0.all().await?, self.1.all().await?))
    }
}

impl<A: Load, B: Load, C: Load> Load for (A, B, C) {
    type Data = (A::Data, B::Data, C::Data);

    async fn all(self) -> Result<Self::Data, ApiError> {
        Ok((
            self.0.all().await?,
            self.1.all().await?,
            self.2.all().await?,
        ))
    }
}

/// Shows the loaded data, or the error.
#[component]
pub(crate) fn Loaded<L: Load>(
    /// The data.
    loading: L,
    /// Renders the data.
    view: impl Fn(L::Data, Grants) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let refusal = LoadError::new();
    let account = use_context::<AccountContext>();
    view! {
        <Suspense>
            {move || {
                let (view, refusal) = (view.clone(), refusal.clone());
                Suspend::new(async move {
                    match loading.all().await {
                        Ok(loaded) => view(loaded, Grants::of(account).await),
                        Err(error) => refusal.view(error),
                    }
                })
            }}
        </Suspense>
    }
}

/// Response to an error that leaves nothing to show.
///
/// Create it within a component, because it needs the context; use it when the error is known.
#[derive(Clone)]
pub(crate) struct LoadError {
    page: String,
    status: Option<ResponseStatus>,
    redirect: Option<ResponseRedirect>,
}

impl LoadError {
    pub(crate) fn new() -> Self {
        Self {
            page: paths::requested().unwrap_or_default(),
            status: use_context(),
            redirect: use_context(),
        }
    }

    /// Redirects to sign-in if nobody is signed in; otherwise shows the error.
    pub(crate) fn view(&self, error: ApiError) -> AnyView {
        if error.code == ErrorCode::Unauthenticated {
            self.go(&paths::sign_in_for(&self.page));
            return ().into_any();
        }
        if let Some(status) = &self.status {
            status.set(error.status);
        }
        view! { <Problem error=error page=self.page.clone() /> }.into_any()
    }

    /// Redirects to another page of this site.
    pub(crate) fn go(&self, path: &str) {
        if let Some(redirect) = &self.redirect {
            redirect.to(path);
        }
    }
}

/// The error and the next step.
#[component]
pub(crate) fn Problem(
    error: ApiError,
    /// The failed page, to try again.
    page: String,
) -> impl IntoView {
    let missing = error.code == ErrorCode::NotFound;
    let title = match error.code {
        ErrorCode::NotFound => "Not found",
        ErrorCode::PermissionDenied => "Not allowed",
        _ => "Something went wrong",
    };
    let tone = if missing { Tone::Neutral } else { Tone::Bad };
    let again = (!missing).then(|| {
        view! { <LinkButton kind=ButtonKind::Primary href=page label="Try again" /> }
    });
    view! {
        <Title text=title />
        <div class="page page-narrow">
            <h1>{title}</h1>
            <Alert tone=tone title=error.message urgent=true />
            <div class="cluster">{again} <LinkButton href="/" label="Go home" /></div>
        </div>
    }
}

/// Returns the query for the first page of a list.
pub(crate) fn first_page() -> PageQuery {
    PageQuery {
        limit: Some(MAX_LIMIT),
        cursor: None,
    }
}
