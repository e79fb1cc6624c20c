//! The macros that declare Berth's endpoints.
//!
//! One invocation is one endpoint, whole: who may call it, what it takes, what it gives, what can
//! go wrong. Misuse is an error at the offending token. `docs/ADDING-AN-ENDPOINT.md` walks through
//! it.

mod access;
mod api_endpoint;
mod declaration;
mod fields;
mod info;
mod stream_endpoint;

use proc_macro::TokenStream;

/// Declares a typed HTTP endpoint.
///
/// ```ignore
/// declare_api_endpoint! {
///     /// Create a deployment.
///     CreateDeployment,
///     POST "/workspace/{workspace_id}/deployment" {
///         /// The workspace that will own it.
///         workspace_id: WorkspaceId,
///     },
///     permission = Deployment::Create on workspace_id,
///     rate = Writes,
///     audit = "deployment.create",
///     request = {
///         /// Unique in the workspace.
///         #[garde(dive)]
///         name: ResourceName,
///     },
///     response = 201 {
///         /// The new deployment.
///         deployment: Deployment,
///     },
///     errors = [DeploymentNameTaken],
/// }
/// ```
///
/// This makes the unit type `CreateDeployment`, which implements `models::endpoint::ApiEndpoint`,
/// and the structs `CreateDeploymentPath`, `CreateDeploymentRequest`, `CreateDeploymentResponse`.
///
/// | Key | Value | Needed |
/// |---|---|---|
/// | `access` | `public`, `signed_in` or `runner` | this or `permission` |
/// | `permission` | `Resource::Action on path_field` | this or `access` |
/// | `rate` | `Credentials`, `Reads` or `Writes` | yes |
/// | `audit` | the action's name | for every method but `GET`, and only there |
/// | `query` | `{ fields }` | no |
/// | `request` | `{ fields }`; `#[secret]` marks what must not be shown | no, never with `GET` |
/// | `response` | status and `{ fields }`; or `text`, for plain text instead of JSON | this or `page` |
/// | `page` | the type of the list's items | this or `response` |
/// | `errors` | `[codes]` beside those that the declaration implies | no |
#[proc_macro]
pub fn declare_api_endpoint(input: TokenStream) -> TokenStream {
    api_endpoint::expand(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Declares a typed WebSocket stream.
///
/// It takes the same keys as [`declare_api_endpoint!`] with `GET`, and `client_message` and
/// `server_message` in place of `request` and `response`: `{ variants }`, or an enum that exists. On the
/// wire a message is a JSON object told apart by `type`.
#[proc_macro]
pub fn declare_stream_endpoint(input: TokenStream) -> TokenStream {
    stream_endpoint::expand(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
