//! Errors of the session store, passed around a library that keeps only their text.
//!
//! Each request has a slot in which the store leaves its last error. The code that turns the
//! library's error into a response, a handler or the layer around the library, takes it from
//! there.

use std::cell::RefCell;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use models::error::ErrorCode;
use tower_sessions::session;

use crate::{db::StoreError, error::AppError};

tokio::task_local! {
    static LAST: RefCell<Option<StoreError>>;
}

/// Leaves an error in the request's slot. Outside of a request, as in an open stream, it is
/// dropped.
pub(super) fn set(error: StoreError) {
    let _ = LAST.try_with(|last| last.replace(Some(error)));
}

fn take() -> Option<StoreError> {
    LAST.try_with(RefCell::take).ok().flatten()
}

impl From<session::Error> for AppError {
    fn from(error: session::Error) -> Self {
        match take() {
            Some(error) => error.into(),
            None => Self::internal(error),
        }
    }
}

/// Middleware that replaces the library's bare 500 with the store's error.
///
/// The library answers so when it cannot store a session that a handler changed. This layer
/// belongs around the library's.
pub async fn answer_failures(request: Request, next: Next) -> Response {
    LAST.scope(RefCell::new(None), async {
        let response = next.run(request).await;
        let is_the_librarys = response.status() == StatusCode::INTERNAL_SERVER_ERROR
            && response.extensions().get::<ErrorCode>().is_none();
        match take() {
            Some(error) if is_the_librarys => AppError::from(error).into_response(),
            _ => response,
        }
    })
    .await
}
