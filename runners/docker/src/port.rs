//! Free ports of this host.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use models::deployment::{Port, Transport};
use tokio::net::{TcpListener, UdpSocket};

/// Returns a port for each of these that is free now on this address.
///
/// They are passed to the engine explicitly, so that the container keeps them across restarts.
/// Another program may take one first; the engine then reports it and other ports are tried.
pub(crate) async fn free(address: IpAddr, ports: &[Port]) -> io::Result<Vec<(Port, SocketAddr)>> {
    // All are held until each has one, so that no two are the same.
    let (mut listeners, mut sockets) = (Vec::new(), Vec::new());
    let mut free = Vec::with_capacity(ports.len());
    for port in ports {
        let found = match port.protocol.transport() {
            Transport::Tcp => {
                let listener = TcpListener::bind((address, 0)).await?;
                let found = listener.local_addr()?;
                listeners.push(listener);
                found
            }
            Transport::Udp => {
                let socket = UdpSocket::bind((address, 0)).await?;
                let found = socket.local_addr()?;
                sockets.push(socket);
                found
            }
        };
        free.push((*port, SocketAddr::new(address, found.port())));
    }
    Ok(free)
}
