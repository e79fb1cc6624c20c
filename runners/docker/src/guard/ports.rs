//! Where a container's ports may be published.

use std::net::IpAddr;

use bollard::models::PortMap;

/// The first port that an ordinary program may take; what is below belongs to the machine.
const FIRST_FREE: u16 = 1024;

/// Whether every port is published on this address and none at a place of the machine's own.
pub(super) fn are_ours(bindings: Option<&PortMap>, address: IpAddr) -> bool {
    let published = bindings.into_iter().flatten();
    published
        .flat_map(|(_, places)| places.iter().flatten())
        .all(|place| {
            let ip = place.host_ip.as_deref().and_then(|ip| ip.parse().ok());
            let port = place
                .host_port
                .as_deref()
                .and_then(|port| port.parse().ok());
            ip == Some(address) && port.is_some_and(|port: u16| port >= FIRST_FREE)
        })
}
