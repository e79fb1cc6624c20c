//! Free ports of this machine.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::net::TcpListener;

/// A port that is free at this moment on this address.
///
/// It is given to the engine explicitly, so that the container keeps it when it is started again.
/// Another program may be faster; the engine then says so and another port is tried.
pub(crate) async fn free(address: IpAddr) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((address, 0)).await?;
    Ok(SocketAddr::new(address, listener.local_addr()?.port()))
}
