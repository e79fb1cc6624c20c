//! Checks of a container's published ports.

use std::net::IpAddr;

use bollard::models::{PortBinding, PortMap};

/// First port for ordinary programs; those below belong to the host.
const FIRST_FREE: u16 = 1024;

/// True if every port is published on this address, and none on a host's own port.
///
/// A port without a binding is refused: the engine may choose one, on every address of the
/// host.
pub(super) fn are_ours(bindings: Option<&PortMap>, address: IpAddr) -> bool {
    let is_ours = |place: &PortBinding| {
        let ip = place.host_ip.as_deref().and_then(|ip| ip.parse().ok());
        let port = place.host_port.as_deref();
        let port = port.and_then(|port| port.parse().ok());
        ip == Some(address) && port.is_some_and(|port: u16| port >= FIRST_FREE)
    };
    let mut published = bindings.into_iter().flat_map(|ports| ports.values());
    published.all(|places| match places.as_deref() {
        None | Some([]) => false,
        Some(places) => places.iter().all(is_ours),
    })
}
