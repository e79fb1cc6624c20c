//! Forms without WebAssembly: one adapter for every endpoint.

use std::{collections::HashMap, sync::Arc};

use api::{
    app::App,
    error::AppError,
    http::{FormEndpoint, is_from_own_pages},
};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use frontend::FormAnswer;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use models::{
    error::{ApiError, ErrorCode},
    form::{ACTION_PREFIX, FormOutcome, Submission, success_path},
};
use serde_json::Value;

use super::{
    Visitor, local_uri,
    page::{AfterForm, Renderer},
    see_other,
};

/// The adapter between HTML forms and endpoints.
#[derive(Clone)]
pub(super) struct Forms {
    app: App,
    renderer: Renderer,
    endpoints: Arc<HashMap<&'static str, FormEndpoint>>,
}

/// The answer of an endpoint.
struct SubmitResult {
    result: Result<Value, ApiError>,
    cookies: Vec<HeaderValue>,
    /// The wait before a retry, if the endpoint gives one.
    retry_after: Option<HeaderValue>,
}

impl Forms {
    pub(super) fn new(app: App, renderer: Renderer, endpoints: Vec<FormEndpoint>) -> Self {
        let endpoints = endpoints
            .into_iter()
            .map(|endpoint| (endpoint.name, endpoint));
        Self {
            app,
            renderer,
            endpoints: Arc::new(endpoints.collect()),
        }
    }

    /// Handles a posted form: calls its endpoint, then redirects or shows the page.
    pub(super) async fn submit(&self, request: Request) -> Response {
        if !is_from_own_pages(request.headers(), &self.app.public_origin) {
            return AppError::from(ErrorCode::CrossSiteRequest).into_response();
        }
        let name = request
            .uri()
            .path()
            .strip_prefix(ACTION_PREFIX)
            .unwrap_or_default();
        let Some(endpoint) = self.endpoints.get(name).copied() else {
            return AppError::from(ErrorCode::NotFound).into_response();
        };
        let visitor = Visitor::of(&self.app, &request);
        let page_headers = request.headers().clone();
        let limit = self.app.config.server.body_limit_bytes;
        let Ok(body) = to_bytes(request.into_body(), limit).await else {
            return AppError::from(ErrorCode::BodyTooLarge).into_response();
        };
        let submission = Submission::parse(&body);
        if submission.paste.is_requested() {
            return self
                .filled_in(&endpoint, submission, page_headers, visitor)
                .await;
        }
        let answered = self.call(&endpoint, &visitor, &submission).await;
        let cookies = answered.cookies;
        let mut response = match answered.result {
            Ok(answer) if submission.success.is_empty() => {
                let shown = AfterForm::Answer(FormAnswer {
                    endpoint: endpoint.name.to_owned(),
                    answer,
                });
                self.page(&submission.page, page_headers, visitor, shown, None)
                    .await
            }
            Ok(answer) => match success_path(&submission.success, &answer) {
                Some(path) => see_other(&path),
                None => see_other("/"),
            },
            Err(error) => {
                let status = error.code.status();
                let outcome = FormOutcome::of(endpoint.name, submission.fields, error);
                let shown = AfterForm::Outcome(outcome);
                self.page(&submission.page, page_headers, visitor, shown, Some(status))
                    .await
            }
        };
        if let Some(wait) = answered.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        for cookie in cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// Shows the page again with the contents of a pasted file, to review and save.
    async fn filled_in(
        &self,
        endpoint: &FormEndpoint,
        submission: Submission,
        headers: HeaderMap,
        visitor: Visitor,
    ) -> Response {
        let Submission {
            page,
            fields,
            paste,
            ..
        } = submission;
        let outcome = FormOutcome::of_paste(endpoint.name, fields, paste);
        let is_wrong = outcome
            .pasted
            .as_ref()
            .is_some_and(|pasted| !pasted.errors.is_empty());
        let status = is_wrong.then_some(StatusCode::UNPROCESSABLE_ENTITY);
        let shown = AfterForm::Outcome(outcome);
        self.page(&page, headers, visitor, shown, status).await
    }

    async fn call(
        &self,
        endpoint: &FormEndpoint,
        visitor: &Visitor,
        submission: &Submission,
    ) -> SubmitResult {
        let refused = |error: ApiError| SubmitResult {
            result: Err(error),
            cookies: Vec::new(),
            retry_after: None,
        };
        let call = match endpoint.request(&submission.path, &submission.fields) {
            Ok(call) => call,
            Err(error) => return refused(error),
        };
        let response = self.renderer.call(call, visitor).await;
        let cookies = response.headers().get_all(header::SET_COOKIE);
        let cookies = cookies.into_iter().cloned().collect();
        let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
        let result = if response.status() == StatusCode::NO_CONTENT {
            Ok(Value::Null)
        } else {
            models::client::read_answer(&response)
        };
        SubmitResult {
            result,
            cookies,
            retry_after,
        }
    }

    /// Renders the page with the form, and the form's result.
    async fn page(
        &self,
        page: &str,
        headers: HeaderMap,
        visitor: Visitor,
        after: AfterForm,
        status: Option<StatusCode>,
    ) -> Response {
        let Some(uri) = local_uri(page) else {
            return AppError::from(ErrorCode::MalformedRequest).into_response();
        };
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let mut response = self.renderer.render(request, visitor, Some(after)).await;
        if let (Some(status), true) = (status, response.status().is_success()) {
            *response.status_mut() = status;
        }
        response
    }
}
