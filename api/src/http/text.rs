//! Plain-text responses, written while they are sent.

use std::{fmt, io};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream::BoxStream};
use http::header;

use crate::error::AppError;

/// A text response for download.
pub struct TextFile {
    name: String,
    pieces: BoxStream<'static, Result<Bytes, AppError>>,
}

impl TextFile {
    /// Creates a response with this file name, which must need no escaping in a header.
    pub fn new(
        name: String,
        pieces: impl Stream<Item = Result<Bytes, AppError>> + Send + 'static,
    ) -> Self {
        Self {
            name,
            pieces: pieces.boxed(),
        }
    }
}

impl IntoResponse for TextFile {
    fn into_response(self) -> Response {
        // The status is sent already. Breaking off is the only way to show that the text is
        // incomplete.
        let pieces = self.pieces.map(|piece| {
            piece.map_err(|error| {
                tracing::warn!(error = %error.chain(), "failed to send a complete text response");
                io::Error::other("the response was truncated")
            })
        });
        let headers = [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{}\"", self.name),
            ),
        ];
        (headers, Body::from_stream(pieces)).into_response()
    }
}

impl fmt::Debug for TextFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextFile")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
