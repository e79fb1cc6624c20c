//! Read-only pages.

use std::{
    env,
    fmt::Write as _,
    io::{self, Write as _},
};

use axum::{
    extract::RawQuery,
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
};

const MAX_LINES: u32 = 100_000;

/// Greets with the text of `GREETING`.
pub(crate) async fn greeting() -> Html<String> {
    let greeting = env::var("GREETING").unwrap_or_else(|_| "Hello from Berth".to_owned());
    Html(format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Hello</title>\n<h1>{}</h1>\n<p>hello {}</p>\n</html>\n",
        escape(&greeting),
        env!("CARGO_PKG_VERSION"),
    ))
}

/// Lists the environment in the order of its keys.
pub(crate) async fn environment() -> String {
    let mut pairs: Vec<_> = env::vars_os().collect();
    pairs.sort();
    pairs.iter().fold(String::new(), |mut text, (key, value)| {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}={}",
            key.to_string_lossy(),
            value.to_string_lossy()
        );
        text
    })
}

/// Lists the headers of the request.
///
/// Shows only the names of cookies and nothing of credentials: people copy from this page, so
/// it must hold no secret.
pub(crate) async fn headers(headers: HeaderMap) -> String {
    let mut text = String::new();
    for (name, value) in &headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let shown = match name.as_str() {
            "authorization" | "proxy-authorization" => "(hidden)".to_owned(),
            "cookie" => cookie_names(&value),
            _ => value.into_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}: {shown}");
    }
    text
}

fn cookie_names(cookies: &str) -> String {
    let names = cookies.split(';').filter_map(|pair| pair.split('=').next());
    let names: Vec<_> = names
        .map(|name| format!("{}=(hidden)", name.trim()))
        .collect();
    names.join("; ")
}

/// Prints the number of lines that `lines` names; one by default.
pub(crate) async fn log(RawQuery(query): RawQuery) -> Response {
    match requested_lines(query.as_deref()) {
        Some(count) => match print_lines(count) {
            Ok(()) => format!("printed {count} lines\n").into_response(),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
        },
        None => (
            StatusCode::BAD_REQUEST,
            format!("lines must be a number from 0 to {MAX_LINES}\n"),
        )
            .into_response(),
    }
}

fn requested_lines(query: Option<&str>) -> Option<u32> {
    let Some(text) = query.and_then(|query| query.strip_prefix("lines=")) else {
        return query.is_none_or(str::is_empty).then_some(1);
    };
    text.parse().ok().filter(|count| *count <= MAX_LINES)
}

fn print_lines(count: u32) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for number in 1..=count {
        writeln!(out, "line {number} of {count}")?;
    }
    out.flush()
}

/// Escapes text for use between HTML tags.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
