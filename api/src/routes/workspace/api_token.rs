//! API tokens of a person in a workspace.

mod create_api_token;
mod delete_api_token;
mod get_api_token;
mod list_api_tokens;

pub(in crate::routes) use create_api_token::create_api_token;
pub(in crate::routes) use delete_api_token::delete_api_token;
pub(in crate::routes) use get_api_token::get_api_token;
pub(in crate::routes) use list_api_tokens::list_api_tokens;
