//! The call behind a page, for those who would rather script it.

use components::{code::CodeBlock, disclosure::Disclosure};
use leptos::prelude::*;
use models::{client::url, endpoint::ApiEndpoint};

use crate::context::PublicUrl;

/// The call that does what this page does, as a command.
#[component]
pub(crate) fn ApiCall<E>(
    /// The endpoint.
    endpoint: E,
    path: E::Path,
    query: E::Query,
    /// The request, for endpoints that take one.
    #[prop(optional)]
    request: Option<E::Request>,
) -> impl IntoView
where
    E: ApiEndpoint,
{
    // It stands there only to name its type: macros do not take type parameters well.
    let _ = endpoint;
    let origin = use_context::<PublicUrl>().map_or_else(String::new, |url| url.0);
    let address = url::<E>(&path, &query).unwrap_or_default();
    let body = request.and_then(|request| serde_json::to_string_pretty(&request).ok());
    let command = command(E::INFO.method.as_str(), &origin, &address, body.as_deref());
    let sign_in = format!(
        "curl -c berth.cookies {origin}/api/v1/session \\\n  -H 'content-type: application/json' \\\n  \
         -d '{{\"email\": \"…\", \"password\": \"…\"}}'"
    );
    view! {
        <Disclosure summary="Do this with the API">
            <p class="soft">"Sign in once; the session is kept in a file:"</p>
            <CodeBlock label="Command to sign in" text=sign_in />
            <p class="soft">"Then:"</p>
            <CodeBlock label="Command for the same call" text=command />
        </Disclosure>
    }
}

/// A call with a session's cookie names its origin: the server refuses others, because that is how
/// another site's page would call.
fn command(method: &str, origin: &str, address: &str, body: Option<&str>) -> String {
    let url = quoted(&format!("{origin}{address}"));
    if method == "GET" {
        return format!("curl -b berth.cookies {url}");
    }
    let header = quoted(&format!("origin: {origin}"));
    let body = body.map_or_else(String::new, |body| {
        format!(
            " \\\n  -H 'content-type: application/json' \\\n  -d {}",
            quoted(body)
        )
    });
    format!("curl -b berth.cookies -X {method} {url} \\\n  -H {header}{body}")
}

/// A word for a POSIX shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn what_people_typed_stays_one_word_of_the_shell() {
        assert_eq!(
            command("POST", "http://a", "/b", Some("{\"a\": \"'; id #\"}")),
            "curl -b berth.cookies -X POST 'http://a/b' \\\n  -H 'origin: http://a' \\\n  \
             -H 'content-type: application/json' \\\n  -d '{\"a\": \"'\\''; id #\"}'",
        );
        assert_eq!(
            command("GET", "http://a", "/b", None),
            "curl -b berth.cookies 'http://a/b'"
        );
    }
}
