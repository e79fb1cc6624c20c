//! Page sections that show the contents of a workspace.

pub(crate) mod auto_deploy_input;
pub(crate) mod deployment;
pub(crate) mod deployment_list;
pub(crate) mod deployment_rows;
pub(crate) mod environment_switch;
pub(crate) mod home;
pub(crate) mod image_text;
pub(crate) mod log_filter;
mod machine_type;
pub(crate) mod runner_command;
pub(crate) mod runner_facts;
pub(crate) mod runner_list;
mod runner_platform;
pub(crate) mod runner_policy;
mod runner_summary;
pub(crate) mod shared_host;
pub(crate) mod spec_inputs;
pub(crate) mod stats;
pub(crate) mod stats_range;
