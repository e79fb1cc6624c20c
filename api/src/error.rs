//! The error of every handler: what the caller is told, and what only the log is told.

use std::error::Error as StdError;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use models::error::{ApiError, ErrorCode};

use crate::db::StoreError;

/// Why a request failed.
///
/// The source is logged once, where the answer is made, and is never sent.
#[derive(Debug, thiserror::Error)]
#[error("{answer}")]
pub struct AppError {
    answer: ApiError,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl AppError {
    /// Something broke on our side; the caller learns only that.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            answer: ErrorCode::Internal.into(),
            source: Some(source.into()),
        }
    }

    /// The code that the caller is told.
    pub fn code(&self) -> ErrorCode {
        self.answer.code
    }

    /// What the caller is told.
    pub fn answer(&self) -> &ApiError {
        &self.answer
    }

    /// The error and all its sources, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.answer.message.clone();
        let mut next = self.source.as_deref().map(|e| e as &dyn StdError);
        while let Some(error) = next {
            text.push_str(": ");
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }
}

impl From<ApiError> for AppError {
    fn from(answer: ApiError) -> Self {
        Self {
            answer,
            source: None,
        }
    }
}

impl From<ErrorCode> for AppError {
    fn from(code: ErrorCode) -> Self {
        ApiError::new(code).into()
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => ErrorCode::NotFound.into(),
            StoreError::Away => ErrorCode::DatabaseUnavailable.into(),
            StoreError::Busy => ErrorCode::ServiceUnavailable.into(),
            StoreError::Full(_) => Self {
                answer: ErrorCode::StorageFull.into(),
                source: Some(error.into()),
            },
            other => Self::internal(other),
        }
    }
}

/// After how many seconds to try again what was answered with this code; none where only a person
/// can help.
pub const fn retry_after(code: ErrorCode) -> Option<u16> {
    match code {
        ErrorCode::RateLimited => Some(60),
        ErrorCode::DatabaseUnavailable | ErrorCode::ServiceUnavailable => Some(2),
        _ => None,
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let code = self.answer.code;
        if code == ErrorCode::DatabaseUnavailable {
            // Who follows the database has said so, once for all requests.
            tracing::debug!(?code, "request failed while the database is away");
        } else if code == ErrorCode::ServiceUnavailable {
            // It passes by itself, and where it comes from says why.
            tracing::warn!(?code, error = %self.chain(), "request failed for now");
        } else if code.status().is_server_error() {
            tracing::error!(?code, error = %self.chain(), "request failed");
        }
        let mut response = (self.answer.code.status(), Json(&self.answer)).into_response();
        if let Some(seconds) = retry_after(self.answer.code) {
            response
                .headers_mut()
                .insert(http::header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self.answer.code);
        response
    }
}
