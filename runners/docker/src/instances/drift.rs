//! Detection of running containers that someone changed by hand.

use std::collections::HashMap;

use bollard::models::{ContainerInspectResponse, EndpointSettings, RestartPolicyNameEnum};

use crate::labels;

/// True if a running container no longer has its original settings.
///
/// These are its one network, with an address and its name on it, its limits, and no restarts by the engine.
pub(super) fn has_drifted(found: &ContainerInspectResponse) -> bool {
    !(has_its_network(found) && has_its_limits(found) && is_not_restarted(found))
}

fn has_its_network(found: &ContainerInspectResponse) -> bool {
    let made_for = found.host_config.as_ref();
    let made_for = made_for.and_then(|host| host.network_mode.as_deref());
    let joined = found.network_settings.as_ref();
    let Some(joined) = joined.and_then(|settings| settings.networks.as_ref()) else {
        return false;
    };
    let mut joined = joined.iter();
    let (Some((name, endpoint)), None) = (joined.next(), joined.next()) else {
        return false;
    };
    let has_address = endpoint
        .ip_address
        .as_deref()
        .is_some_and(|ip| !ip.is_empty());
    has_address
        && has_its_name(found, endpoint)
        && (endpoint.network_id.as_deref() == made_for || Some(name.as_str()) == made_for)
}

/// True if others find a container on its network by its original name.
fn has_its_name(found: &ContainerInspectResponse, endpoint: &EndpointSettings) -> bool {
    let joined = own_labels(found).and_then(labels::joined);
    joined
        .and_then(|joined| joined.host_name)
        .is_none_or(|name| {
            let mut aliases = endpoint.aliases.iter().flatten();
            aliases.any(|alias| alias == name.as_str())
        })
}

fn own_labels(found: &ContainerInspectResponse) -> Option<&HashMap<String, String>> {
    found.config.as_ref()?.labels.as_ref()
}

fn has_its_limits(found: &ContainerInspectResponse) -> bool {
    // Older versions did not record limits.
    let Some(limits) = own_labels(found).and_then(labels::limits) else {
        return true;
    };
    let host = found.host_config.as_ref();
    // The engine writes "unlimited" as zero.
    let limit = |amount: Option<i64>| amount.unwrap_or(0);
    let memory = limit(host.and_then(|host| host.memory));
    let nano_cpus = limit(host.and_then(|host| host.nano_cpus));
    (limit(limits.memory), limit(limits.nano_cpus)) == (memory, nano_cpus)
}

fn is_not_restarted(found: &ContainerInspectResponse) -> bool {
    let host = found.host_config.as_ref();
    let policy = host.and_then(|host| host.restart_policy.as_ref()?.name);
    matches!(
        policy,
        None | Some(RestartPolicyNameEnum::NO | RestartPolicyNameEnum::EMPTY)
    )
}
