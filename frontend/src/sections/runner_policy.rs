//! Description of a runner's host policy.

use components::format;
use models::runner::{AppFirewall, AppReach, HostPolicy};

/// Describes the policy as the end of a sentence; empty if everything is allowed.
pub(crate) fn describe(policy: &HostPolicy) -> String {
    let rules = rules(policy);
    let mut sentences = Vec::new();
    if !rules.is_empty() {
        sentences.push(format!("Its host policy allows {}.", rules.join("; ")));
    }
    sentences.extend(removal(policy).map(|removal| format!("Removed volumes {removal}.")));
    sentences.extend(emulation(policy).map(|platforms| format!("It emulates {platforms}.")));
    if sentences.is_empty() {
        return String::new();
    }
    format!(". {}", sentences.join(" "))
}

/// Describes the handling of removed volumes, if the runner reports it.
pub(crate) fn removal(policy: &HostPolicy) -> Option<String> {
    Some(match policy.keep_removed_days? {
        0 => "are deleted immediately".to_owned(),
        days => format!("are kept for {}", format::count(i64::from(days), "day")),
    })
}

/// Describes the platforms that the host emulates, if the runner reports any.
fn emulation(policy: &HostPolicy) -> Option<String> {
    let platforms = policy.emulated_platforms.as_ref()?;
    (!platforms.is_empty()).then(|| listed(platforms.iter(), "and"))
}

/// Lists the limits of the policy; empty if everything is allowed.
pub(crate) fn rules(policy: &HostPolicy) -> Vec<String> {
    let HostPolicy {
        registries,
        internal_registries,
        max_instances,
        max_deployments,
        max_all_instances,
        max_cpu_millis,
        max_memory_mib,
        default_memory_mib: _,
        protocols,
        keep_removed_days: _,
        emulated_platforms: _,
        network_pool: _,
        exec,
        app_reach,
    } = policy;
    let mut rules = Vec::new();
    if let Some(registries) = registries {
        rules.push(match registries.as_slice() {
            [] => "no images".to_owned(),
            some => format!("only images from {}", listed(some.iter(), "or")),
        });
    }
    let limits: Vec<String> = [
        max_instances.map(|most| format::count(most.into(), "instance")),
        max_cpu_millis.map(|most| format::cpus(most.into())),
        max_memory_mib.map(|most| format::bytes(u64::from(most) << 20)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !limits.is_empty() {
        let limits = listed(limits.iter(), "and");
        rules.push(format!("at most {limits} per deployment"));
    }
    let in_all: Vec<String> = [
        max_deployments.map(|most| format::count(most.into(), "deployment")),
        max_all_instances.map(|most| format::count(most.into(), "instance")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !in_all.is_empty() {
        rules.push(format!("at most {} in total", listed(in_all.iter(), "and")));
    }
    if let Some(protocols) = protocols {
        rules.push(match protocols.as_slice() {
            [] => "no published ports".to_owned(),
            some => {
                let names = some.iter().map(|protocol| protocol.name());
                format!("only {} on published ports", listed(names, "and"))
            }
        });
    }
    if !exec {
        rules.push("no commands or terminals".to_owned());
    }
    if let Some(internal @ [_, ..]) = internal_registries.as_deref() {
        let internal = listed(internal.iter(), "and");
        rules.push(format!("images from internal registries at {internal}"));
    }
    rules.extend(reach(app_reach));
    rules
}

/// Describes the parts of the host that apps may reach; `None` if there are none.
fn reach(reach: &AppReach) -> Option<String> {
    let host = match reach.host_ports.as_slice() {
        _ if reach.host => Some("all of its ports".to_owned()),
        [] => None,
        ports => Some(format!(
            "its {} {}",
            plural(ports),
            listed(ports.iter(), "and")
        )),
    };
    let metadata = reach
        .metadata
        .then(|| "its cloud's metadata service".to_owned());
    let reached: Vec<String> = host.into_iter().chain(metadata).collect();
    (!reached.is_empty()).then(|| format!("apps to reach {}", listed(reached.iter(), "and")))
}

const fn plural(ports: &[u16]) -> &'static str {
    if ports.len() == 1 { "port" } else { "ports" }
}

/// Returns the warning for a runner without a firewall; `None` if it has one.
pub(crate) fn firewall_warning(firewall: Option<AppFirewall>) -> Option<&'static str> {
    (firewall == Some(AppFirewall::Unavailable)).then_some(
        "Apps can reach other ports of this host and its cloud's metadata service, because the \
         runner is not allowed to set firewall rules. Run it as root, or give it CAP_NET_ADMIN.",
    )
}

/// Joins items, for example `a`, `a or b`, `a, b or c`.
pub(super) fn listed(items: impl Iterator<Item: ToString>, last_word: &str) -> String {
    let mut items: Vec<String> = items.map(|item| item.to_string()).collect();
    match (items.pop(), items.is_empty()) {
        (None, _) => String::new(),
        (Some(only), true) => only,
        (Some(last), false) => format!("{} {last_word} {last}", items.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use models::{
        deployment::Protocol,
        runner::{AppFirewall, AppReach, HostPolicy},
        value::{InternalRegistry, PlatformName, RegistryPattern},
    };

    use super::{describe, firewall_warning};

    #[test]
    fn a_policy_is_described_by_its_limits_only() {
        let open = HostPolicy::default();
        assert_eq!(describe(&open), "");
        let nothing = HostPolicy {
            registries: Some(Vec::new()),
            protocols: Some(Vec::new()),
            ..open.clone()
        };
        assert_eq!(
            describe(&nothing),
            ". Its host policy allows no images; no published ports."
        );
        let all = HostPolicy {
            registries: Some(
                ["ghcr.io/a", "docker.io"]
                    .map(RegistryPattern::trusted)
                    .into(),
            ),
            internal_registries: Some(
                ["127.0.0.1:5000", "localhost:*"]
                    .map(InternalRegistry::trusted)
                    .into(),
            ),
            max_instances: Some(5),
            max_deployments: Some(20),
            max_all_instances: Some(60),
            max_cpu_millis: Some(1_500),
            max_memory_mib: Some(2_048),
            default_memory_mib: Some(512),
            protocols: Some(vec![Protocol::Http]),
            keep_removed_days: Some(30),
            emulated_platforms: Some(vec![PlatformName::trusted("linux/arm64")]),
            network_pool: None,
            exec: false,
            app_reach: AppReach {
                host: false,
                host_ports: vec![443, 5432],
                metadata: true,
            },
        };
        assert_eq!(
            describe(&all),
            ". Its host policy allows only images from ghcr.io/a or docker.io; at most 5 \
             instances, 1.5 CPU and 2 GiB per deployment; at most 20 deployments and 60 instances in \
             total; only http on published ports; no commands or terminals; \
             images from internal registries at 127.0.0.1:5000 and localhost:*; apps \
             to reach its ports 443 and 5432 and its cloud's metadata service. Removed volumes \
             are kept for 30 days. It emulates linux/arm64."
        );
    }

    #[test]
    fn a_runner_that_may_set_no_rules_is_warned_of() {
        assert_eq!(firewall_warning(None), None);
        assert_eq!(firewall_warning(Some(AppFirewall::Closed)), None);
        assert_eq!(firewall_warning(Some(AppFirewall::Open)), None);
        let warning = firewall_warning(Some(AppFirewall::Unavailable)).unwrap();
        assert!(warning.contains("CAP_NET_ADMIN"), "{warning}");
    }
}
