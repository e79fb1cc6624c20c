//! The secrets of a workspace.

mod create_secret;
mod delete_secret;
mod get_secret;
mod list_secrets;
mod update_secret;

pub use create_secret::*;
pub use delete_secret::*;
pub use get_secret::*;
pub use list_secrets::*;
pub use update_secret::*;
