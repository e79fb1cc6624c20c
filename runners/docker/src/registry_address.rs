//! Registries that the engine may contact.
//!
//! The engine contacts whatever host the name of an image begins with, from within the host:
//! its own loopback, the metadata service of a cloud. So a name is resolved before, and
//! internal addresses are allowed only where the host's owner named the registry.
//!
//! The engine resolves the name once more, and it follows a registry's redirect for a token.
//! Neither can be prevented here, so no part of the responses is shown to people either.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use models::{
    runner::HostPolicy,
    value::{ImageReference, RegistryHost},
};
use runner_common::{RunnerError, refused};
use tokio::{net::lookup_host, time::timeout};

/// Timeout for the resolution of a name.
const RESOLVE_WITHIN: Duration = Duration::from_secs(5);

/// Metadata services beyond link-local: Alibaba Cloud, Azure, Oracle Cloud Classic.
pub(crate) const METADATA: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
];
/// Metadata services of EC2 and Google Cloud over IPv6.
pub(crate) const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

/// Checks the address of an image's registry.
///
/// # Errors
/// A refusal when it is at an internal address and the policy does not name it.
pub(crate) async fn check(policy: &HostPolicy, image: &ImageReference) -> Result<(), RunnerError> {
    let host = image.registry();
    // Users do not choose the name of the default registry.
    if host.is_default_registry() || policy.allows_internal(&host) {
        return Ok(());
    }
    // The engine cannot resolve a name that fails here either, except through a proxy.
    let resolving = timeout(RESOLVE_WITHIN, lookup_host(address(&host)));
    let Ok(Ok(mut found)) = resolving.await else {
        return Ok(());
    };
    if found.any(|address| is_internal(address.ip())) {
        return Err(refused(format!(
            "the registry {host} resolves to an internal address of the host. If this is intended, \
             the host's owner can add {host} to internal_registries in the policy file."
        )));
    }
    Ok(())
}

/// Returns the host with a port; the port does not affect the resolution.
fn address(host: &RegistryHost) -> String {
    let host = host.as_str();
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.contains(']'));
    if has_port {
        host.to_owned()
    } else {
        format!("{host}:443")
    }
}

/// True if an address is the host's own, link-local, or a metadata service's.
fn is_internal(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            ip.is_loopback() || ip.is_link_local() || ip.octets()[0] == 0 || METADATA.contains(&ip)
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unicast_link_local()
                || METADATA_V6.contains(&ip)
        }
    }
}

#[cfg(test)]
mod tests {
    use models::{
        deployment::FailureCode,
        runner::HostPolicy,
        value::{ImageReference, InternalRegistry, RegistryPattern},
    };

    use super::{check, is_internal};

    async fn is_refused(policy: &HostPolicy, image: &str) -> bool {
        match check(policy, &ImageReference::trusted(image)).await {
            Ok(()) => false,
            Err(error) => {
                assert_eq!(error.code, FailureCode::RefusedByHostPolicy, "{image}");
                assert!(error.message.contains("internal_registries"), "{error}");
                true
            }
        }
    }

    #[tokio::test]
    async fn a_registry_inside_is_refused_in_every_spelling() {
        let policy = HostPolicy::default();
        for image in [
            "127.0.0.1:5000/app:1",
            "127.0.0.1/app",
            "127.1:5000/app",
            "localhost/app",
            "localhost:5000/app:1",
            "0.0.0.0:5000/app",
            "169.254.169.254/latest/meta-data:1",
            "169.254.170.2:80/v2",
            "100.100.100.200/latest",
            "168.63.129.16:32526/vmSettings",
        ] {
            assert!(is_refused(&policy, image).await, "{image}");
        }
        for image in [
            "nginx",
            "docker.io/library/nginx",
            "192.0.2.1:5000/app",
            "10.0.0.1/app",
        ] {
            assert!(!is_refused(&policy, image).await, "{image}");
        }
    }

    #[tokio::test]
    async fn the_owner_of_the_host_can_name_registries_inside() {
        let named = HostPolicy {
            internal_registries: Some(vec![InternalRegistry::trusted("127.0.0.1:5000")]),
            ..HostPolicy::default()
        };
        assert!(!is_refused(&named, "127.0.0.1:5000/app").await);
        assert!(is_refused(&named, "127.0.0.1:5001/app").await);
        assert!(is_refused(&named, "localhost:5000/app").await);
        let limited = HostPolicy {
            registries: Some(vec![RegistryPattern::trusted("localhost:5000/team")]),
            ..HostPolicy::default()
        };
        assert!(!is_refused(&limited, "localhost:5000/team/app").await);
        assert!(is_refused(&limited, "localhost:5001/team/app").await);
    }

    #[test]
    fn addresses_inside_are_known_in_both_families() {
        for inside in [
            "::1",
            "::",
            "fe80::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "fd00:ec2::254",
            "fd20:ce::254",
            "127.9.9.9",
            "0.1.2.3",
        ] {
            assert!(is_internal(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "2001:db8::1",
            "fd00::1",
            "192.168.1.1",
            "172.17.0.1",
            "8.8.8.8",
        ] {
            assert!(!is_internal(outside.parse().unwrap()), "{outside}");
        }
    }
}
