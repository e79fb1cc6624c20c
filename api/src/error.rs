//! The error of every handler: a public answer, and a source for the log alone.

use std::{error::Error as StdError, time::Duration};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use models::error::{ApiError, ErrorCode};

use crate::db::{StoreError, WriteError};

/// The error of a request.
///
/// The source is logged once, where the response is made, and is never sent.
#[derive(Debug, thiserror::Error)]
#[error("{answer}")]
pub struct AppError {
    answer: ApiError,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// The wait after which a retry may help, if known.
    retry_after: Option<Duration>,
}

impl AppError {
    /// An internal failure, whose cause is not shown to the caller.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            answer: ErrorCode::Internal.into(),
            source: Some(source.into()),
            retry_after: None,
        }
    }

    /// Too many requests; the next one is allowed after this wait.
    pub fn rate_limited(wait: Duration) -> Self {
        let seconds = whole_seconds(wait);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let message = format!("Too many requests. Try again in {seconds} {unit}.");
        Self {
            answer: ApiError::new(ErrorCode::RateLimited).with_message(message),
            source: None,
            retry_after: Some(wait),
        }
    }

    /// The wait after which a retry may help, if known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The code that the caller gets.
    pub fn code(&self) -> ErrorCode {
        self.answer.code
    }

    /// The answer that the caller gets.
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
            retry_after: None,
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
            StoreError::Unavailable => ErrorCode::DatabaseUnavailable.into(),
            StoreError::Busy => ErrorCode::ServiceUnavailable.into(),
            StoreError::Full(_) => Self {
                answer: ErrorCode::StorageFull.into(),
                source: Some(error.into()),
                retry_after: None,
            },
            other => Self::internal(other),
        }
    }
}

impl WriteError for AppError {
    fn is_of_database(&self) -> bool {
        self.answer.code.status().is_server_error()
    }
}

/// The default wait in seconds before a retry, by error code.
///
/// `None` where only a person can help, or where each response sets its own.
pub const fn retry_after(code: ErrorCode) -> Option<u16> {
    match code {
        ErrorCode::DatabaseUnavailable | ErrorCode::ServiceUnavailable => Some(2),
        _ => None,
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let code = self.answer.code;
        if code == ErrorCode::DatabaseUnavailable {
            // The task that follows the database has logged the outage, once for all requests.
            tracing::debug!(?code, "request failed because the database is unavailable");
        } else if code == ErrorCode::ServiceUnavailable {
            // A temporary failure, whose origin logs the cause.
            tracing::warn!(?code, error = %self.chain(), "request failed temporarily");
        } else if code.status().is_server_error() {
            tracing::error!(?code, error = %self.chain(), "request failed");
        }
        let mut response = (self.answer.code.status(), Json(&self.answer)).into_response();
        let usual = || retry_after(code).map(|seconds| Duration::from_secs(seconds.into()));
        if let Some(wait) = self.retry_after.or_else(usual) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, wait_header(wait));
        }
        response.extensions_mut().insert(self.answer.code);
        response
    }
}

/// The `Retry-After` value of a wait: rounded up, and at least one second.
pub fn wait_header(wait: Duration) -> HeaderValue {
    HeaderValue::from(whole_seconds(wait))
}

fn whole_seconds(wait: Duration) -> u64 {
    let begun = u64::from(wait.subsec_nanos() > 0);
    (wait.as_secs() + begun).max(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{AppError, wait_header};

    #[test]
    fn the_retry_delay_is_rounded_up() {
        for (millis, seconds) in [
            (0, "1"),
            (1, "1"),
            (1_000, "1"),
            (1_001, "2"),
            (60_000, "60"),
        ] {
            assert_eq!(wait_header(Duration::from_millis(millis)), seconds);
        }
        let error = AppError::rate_limited(Duration::from_millis(1_500));
        assert!(error.answer().message.contains("in 2 seconds"), "{error}");
    }
}
