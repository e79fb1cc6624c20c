//! The API request that a page makes, for people who want to script it.

use components::{code::CodeBlock, disclosure::Disclosure};
use leptos::prelude::*;
use models::{client::url, endpoint::ApiEndpoint};

use crate::context::PublicUrl;

/// The request of this page, as a command for a shell.
#[component]
pub(crate) fn ApiCall<E>(
    /// The endpoint.
    endpoint: E,
    path: E::Path,
    query: E::Query,
    /// The request; absent for endpoints without one.
    #[prop(optional)]
    request: Option<E::Request>,
) -> impl IntoView
where
    E: ApiEndpoint,
{
    // The parameter only fixes the type: macros do not handle type parameters well.
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
            <p class="soft">"Sign in once. The session is saved to a file:"</p>
            <CodeBlock label="Command to sign in" text=sign_in />
            <p class="soft">"Then:"</p>
            <CodeBlock label="Command for this request" text=command />
        </Disclosure>
    }
}

/// Returns the command.
///
/// A request with a session cookie must send its origin: the server refuses others, because a
/// foreign page's request would look the same.
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

/// Quotes any text as one word of a POSIX shell.
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
