//! The API request that a page makes, for people who want to script it.

use components::{code::CodeBlock, disclosure::Disclosure};
use leptos::prelude::*;
use models::{
    client::url,
    endpoint::{Access, ApiEndpoint},
};

use crate::{context::PublicUrl, pages::workspace::ids::workspace_id, paths};

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
    let credential = match E::INFO.access {
        Access::Permission { .. } => Credential::ApiToken,
        _ => Credential::Session,
    };
    let method = E::INFO.method;
    let body = body.as_deref();
    let command = command(method.as_str(), &origin, &address, body, credential);
    let first = match credential {
        Credential::ApiToken => {
            let tokens = workspace_id().map(paths::new_api_token);
            view! {
                <p class="soft">
                    <a href=tokens>"Create an API token"</a>
                    " and save it in the variable BERTH_TOKEN. Then:"
                </p>
            }
            .into_any()
        }
        Credential::Session => {
            let sign_in = format!(
                "curl -c berth.cookies {origin}/api/v1/session \\\n  -H 'content-type: application/json' \\\n  \
                 -d '{{\"email\": \"…\", \"password\": \"…\"}}'"
            );
            view! {
                <p class="soft">"Sign in once. The session is saved to a file:"</p>
                <CodeBlock label="Command to sign in" text=sign_in />
                <p class="soft">"Then:"</p>
            }
            .into_any()
        }
    };
    view! {
        <Disclosure summary="Do this with the API">
            {first}
            <CodeBlock label="Command for this request" text=command />
        </Disclosure>
    }
}

/// The credential of the command.
#[derive(Clone, Copy)]
enum Credential {
    /// An API token, in a variable of the shell.
    ApiToken,
    /// The session of someone who signed in, in a file.
    Session,
}

/// Returns the command.
///
/// A request with a session cookie must send its origin: the server refuses others, because a
/// foreign page's request would look the same.
fn command(
    method: &str,
    origin: &str,
    address: &str,
    body: Option<&str>,
    credential: Credential,
) -> String {
    let mut command = match credential {
        Credential::ApiToken => "curl -H \"authorization: Bearer $BERTH_TOKEN\"".to_owned(),
        Credential::Session => "curl -b berth.cookies".to_owned(),
    };
    if method != "GET" {
        command.push_str(" -X ");
        command.push_str(method);
    }
    command.push(' ');
    command.push_str(&quoted(&format!("{origin}{address}")));
    let mut add = |option: &str, text: &str| {
        command.push_str(" \\\n  ");
        command.push_str(option);
        command.push(' ');
        command.push_str(&quoted(text));
    };
    if method != "GET" && matches!(credential, Credential::Session) {
        add("-H", &format!("origin: {origin}"));
    }
    if let Some(body) = body {
        add("-H", "content-type: application/json");
        add("-d", body);
    }
    command
}

/// Quotes any text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{Credential, command};

    #[test]
    fn typed_text_stays_one_word_of_the_shell() {
        let body = Some("{\"a\": \"'; id #\"}");
        assert_eq!(
            command("POST", "http://a", "/b", body, Credential::Session),
            "curl -b berth.cookies -X POST 'http://a/b' \\\n  -H 'origin: http://a' \\\n  \
             -H 'content-type: application/json' \\\n  -d '{\"a\": \"'\\''; id #\"}'",
        );
        assert_eq!(
            command("POST", "http://a", "/b", body, Credential::ApiToken),
            "curl -H \"authorization: Bearer $BERTH_TOKEN\" -X POST 'http://a/b' \\\n  \
             -H 'content-type: application/json' \\\n  -d '{\"a\": \"'\\''; id #\"}'",
        );
        assert_eq!(
            command("GET", "http://a", "/b", None, Credential::ApiToken),
            "curl -H \"authorization: Bearer $BERTH_TOKEN\" 'http://a/b'"
        );
    }
}
