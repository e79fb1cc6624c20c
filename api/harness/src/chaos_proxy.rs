//! A proxy to a database server that can be shut.
//!
//! Shut, it breaks connections and accepts none.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// A proxy on its own port.
pub struct ChaosProxy {
    /// The server's address through the proxy.
    pub url: String,
    address: SocketAddr,
    behind: String,
    open: Option<CancellationToken>,
}

impl ChaosProxy {
    /// Opens a proxy to the server at this address.
    pub async fn before(server: &str) -> Self {
        let (scheme, rest) = server.split_once("://").unwrap();
        let (authority, name) = rest.split_once('/').unwrap();
        let (user, behind) = authority
            .rsplit_once('@')
            .unwrap_or(("postgres", authority));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut proxy = Self {
            url: format!("{scheme}://{user}@{address}/{name}"),
            address,
            behind: behind.to_owned(),
            open: None,
        };
        proxy.let_through(listener);
        proxy
    }

    /// Breaks every connection, and refuses new ones.
    pub async fn shut(&mut self) {
        if let Some(open) = self.open.take() {
            open.cancel();
        }
        // The listener disappears with its task.
        while TcpStream::connect(self.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    /// Accepts connections again.
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.let_through(listener);
    }

    fn let_through(&mut self, listener: TcpListener) {
        let open = CancellationToken::new();
        self.open = Some(open.clone());
        let behind = self.behind.clone();
        tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Some(Ok((mut front, _))) = open.run_until_cancelled(listener.accept()).await {
                let behind = behind.clone();
                connections.spawn(async move {
                    let mut back = TcpStream::connect(behind).await.unwrap();
                    copy_bidirectional(&mut front, &mut back).await.ok();
                });
            }
        });
    }
}
