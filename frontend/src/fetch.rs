//! The API as the browser reaches it.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use leptos::prelude::window;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestCredentials, RequestInit, js_sys};

use crate::context::Api;

/// What is said when there was no answer at all.
const NO_ANSWER: &str = "The server does not answer. Check your connection and try again.";

/// Calls by `fetch`, with the session's cookie.
pub(crate) fn api() -> Api {
    Api::new(|request| {
        Box::pin(SendWrapper::new(async move {
            fetch(request).await.map_err(|_| NO_ANSWER.to_owned())
        }))
    })
}

async fn fetch(request: Request<Bytes>) -> Result<Response<Bytes>, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers() {
        if let Ok(value) = value.to_str() {
            headers.append(name.as_str(), value)?;
        }
    }
    let init = RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_headers(&headers);
    if !request.body().is_empty() {
        init.set_body(&js_sys::Uint8Array::from(&request.body()[..]));
    }
    let url = request.uri().to_string();
    let answer = JsFuture::from(window().fetch_with_str_and_init(&url, &init)).await?;
    let answer: web_sys::Response = answer.dyn_into()?;
    let body = JsFuture::from(answer.array_buffer()?).await?;
    let body = js_sys::Uint8Array::new(&body).to_vec();

    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = http::StatusCode::from_u16(answer.status()).unwrap_or_default();
    if let Some(id) = answer.headers().get(REQUEST_ID)?
        && let Ok(value) = HeaderValue::from_str(&id)
    {
        response
            .headers_mut()
            .insert(HeaderName::from_static(REQUEST_ID), value);
    }
    Ok(response)
}

const REQUEST_ID: &str = "x-request-id";
