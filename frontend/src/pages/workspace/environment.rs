//! The environments of a workspace's projects.

pub(crate) mod create_environment;
pub(crate) mod get_environment;
