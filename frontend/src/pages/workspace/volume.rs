//! The volumes of a workspace.

pub(crate) mod create_volume;
pub(crate) mod get_volume;
pub(crate) mod list_volumes;
mod trash;
