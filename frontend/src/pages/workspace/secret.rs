//! The secrets of a workspace.

pub(crate) mod create_secret;
pub(crate) mod get_secret;
pub(crate) mod list_secrets;
