//! The deployments of a workspace.

mod cancel_release;
mod create_deployment;
mod delete_deployment;
mod deploy_deployment;
mod get_deployment;
mod get_release;
mod get_stats;
mod list_deployments;
mod list_log_lines;
mod list_releases;
mod restart_deployment;
mod roll_back_deployment;
mod start_deployment;
mod stop_deployment;
mod stream_deployment;
mod stream_log_lines;
mod stream_stats;
mod update_deployment;

pub use cancel_release::*;
pub use create_deployment::*;
pub use delete_deployment::*;
pub use deploy_deployment::*;
pub use get_deployment::*;
pub use get_release::*;
pub use get_stats::*;
pub use list_deployments::*;
pub use list_log_lines::*;
pub use list_releases::*;
pub use restart_deployment::*;
pub use roll_back_deployment::*;
pub use start_deployment::*;
pub use stop_deployment::*;
pub use stream_deployment::*;
pub use stream_log_lines::*;
pub use stream_stats::*;
pub use update_deployment::*;
