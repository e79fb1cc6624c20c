//! Names, labels and marks of private networks.

use models::{EnvironmentId, RunnerId, time::Timestamp};
use runner_common::Owner;

use super::{ENVIRONMENT, Labels, NAME_DIGITS, NAME_PREFIX, RUNNER, is_own, marked};
use crate::network::DEVICE_PREFIX;

/// Kind of a network.
pub(crate) const NETWORK: &str = "dev.berth.network";
/// Kind of the private network of an environment.
const OF_ENVIRONMENT: &str = "environment";
/// Labels that a network's mark covers.
const OF_NETWORK: [&str; 3] = [NETWORK, RUNNER, ENVIRONMENT];
/// Number of a mark's digits in a device's name; the kernel allows 15 characters.
const DEVICE_DIGITS: usize = 9;

/// Builds the labels of an environment's network.
pub(crate) fn of_network(
    owner: &Owner,
    runner_id: RunnerId,
    environment_id: EnvironmentId,
) -> Labels {
    let values = [
        OF_ENVIRONMENT.to_owned(),
        runner_id.to_string(),
        environment_id.to_string(),
    ];
    marked(owner, OF_NETWORK, values)
}

/// Returns the engine's filter for all private networks of a runner.
pub(crate) fn networks_of(runner_id: RunnerId) -> Vec<String> {
    vec![
        format!("{NETWORK}={OF_ENVIRONMENT}"),
        format!("{RUNNER}={runner_id}"),
    ]
}

/// Returns the environment of a network; `None` if not this runner's.
pub(crate) fn environment(
    owner: &Owner,
    labels: &Labels,
    runner_id: RunnerId,
    made_at: Option<Timestamp>,
) -> Option<EnvironmentId> {
    let is_kind = labels
        .get(NETWORK)
        .is_some_and(|kind| kind == OF_ENVIRONMENT);
    let is_runners = labels.get(RUNNER) == Some(&runner_id.to_string());
    if !(is_kind && is_runners && is_own(owner, labels, &OF_NETWORK, made_at)) {
        return None;
    }
    labels.get(ENVIRONMENT)?.parse().ok()
}

/// Returns the name of an environment's network.
pub(crate) fn network_name(
    owner: &Owner,
    runner_id: RunnerId,
    environment_id: EnvironmentId,
) -> String {
    let digits = network_digits(owner, runner_id, environment_id, NAME_DIGITS);
    format!("{NAME_PREFIX}{digits}")
}

/// Returns the name of its bridge on the host.
pub(crate) fn device_name(
    owner: &Owner,
    runner_id: RunnerId,
    environment_id: EnvironmentId,
) -> String {
    let digits = network_digits(owner, runner_id, environment_id, DEVICE_DIGITS);
    format!("{DEVICE_PREFIX}{digits}")
}

fn network_digits(
    owner: &Owner,
    runner_id: RunnerId,
    environment_id: EnvironmentId,
    count: usize,
) -> String {
    let (runner, environment) = (runner_id.to_string(), environment_id.to_string());
    let mut mark = owner.mark(&["network name", &runner, &environment]);
    mark.truncate(count);
    mark
}
