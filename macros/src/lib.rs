//! The macros that declare Berth's endpoints.
//!
//! One invocation declares one complete endpoint: its callers, its request, its response and
//! its errors. Misuse is an error at the offending token. `docs/ADDING-AN-ENDPOINT.md` is the
//! guide.

mod access;
mod api_endpoint;
mod declaration;
mod fields;
mod info;
mod path;
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
///         /// Unique in the environment.
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
/// This defines the unit type `CreateDeployment`, which implements
/// `models::endpoint::ApiEndpoint`, and the structs `CreateDeploymentPath`,
/// `CreateDeploymentRequest`, `CreateDeploymentResponse`. `CreateDeploymentNamedPath` is the path
/// as requests have it, where a name may stand in place of an id.
///
/// | Key | Value | Required |
/// |---|---|---|
/// | `access` | `public`, `signed_in` or `runner` | this or `permission` |
/// | `permission` | `Resource::Action on path_field` | this or `access` |
/// | `rate` | `Credentials`, `Reads` or `Writes` | yes |
/// | `audit` | the action's name | for every method but `GET`, and only there |
/// | `query` | `{ fields }` | no |
/// | `request` | `{ fields }`; `#[secret]` marks secret values | no, never with `GET` |
/// | `response` | status and `{ fields }`; or `text`, for plain text, not JSON | this or `page` |
/// | `page` | the type of the list's items | this or `response` |
/// | `page_query` | the type of the list's query; `PageQuery` when left out | no, only with `page` |
/// | `errors` | `[codes]` in addition to those that the declaration implies | no |
#[proc_macro]
pub fn declare_api_endpoint(input: TokenStream) -> TokenStream {
    api_endpoint::expand(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Declares a typed WebSocket stream.
///
/// It takes the same keys as [`declare_api_endpoint!`] with `GET`, except that `client_message`
/// and `server_message` replace `request` and `response`. Their value is `{ variants }`, or an
/// existing enum. On the wire, a message is a JSON object distinguished by `type`.
#[proc_macro]
pub fn declare_stream_endpoint(input: TokenStream) -> TokenStream {
    stream_endpoint::expand(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
