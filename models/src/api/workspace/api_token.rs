//! API tokens of a person in a workspace.

mod create_api_token;
mod delete_api_token;
mod get_api_token;
mod list_api_tokens;

pub use create_api_token::*;
pub use delete_api_token::*;
pub use get_api_token::*;
pub use list_api_tokens::*;
