//! Endpoints as HTML forms use them, without their types.

use bytes::Bytes;
use http::{Method, Request, header};
use models::{
    client,
    endpoint::ApiEndpoint,
    error::{ApiError, ErrorCode},
    form,
};

/// Names and values of a form's inputs.
type Inputs<'a> = &'a [(String, String)];

/// An endpoint that a form can call.
#[derive(Clone, Copy, Debug)]
pub struct FormEndpoint {
    /// Name of the endpoint.
    pub name: &'static str,
    make: fn(Inputs<'_>, Inputs<'_>) -> Result<Request<Bytes>, ApiError>,
}

impl FormEndpoint {
    pub(super) fn of<E: ApiEndpoint>() -> Self {
        Self {
            name: E::INFO.name,
            make: request::<E>,
        }
    }

    /// Builds the request that a form makes from its path and body inputs.
    ///
    /// # Errors
    /// `validation_failed` with the input that could not be parsed.
    pub fn request(
        &self,
        path: Inputs<'_>,
        fields: Inputs<'_>,
    ) -> Result<Request<Bytes>, ApiError> {
        (self.make)(path, fields)
    }
}

fn request<E: ApiEndpoint>(
    path: Inputs<'_>,
    fields: Inputs<'_>,
) -> Result<Request<Bytes>, ApiError> {
    let path: E::Path = form::decode(path).map_err(|_| ErrorCode::NotFound)?;
    // Forms change things, and the endpoints that change things take no query.
    let query: E::Query = form::decode(&[])?;
    let body: E::Request = form::decode(fields)?;
    let body = serde_json::to_vec(&body).map_err(|_| ErrorCode::MalformedRequest)?;
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = E::INFO.method;
    *request.uri_mut() = client::url::<E>(&path, &query)?
        .parse()
        .map_err(|_| ErrorCode::MalformedRequest)?;
    if request.method() != Method::GET {
        request.headers_mut().insert(
            header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/json"),
        );
    }
    Ok(request)
}
