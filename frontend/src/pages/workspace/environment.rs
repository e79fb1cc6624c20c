//! The environments of a workspace's projects.

pub(crate) mod get_environment;
