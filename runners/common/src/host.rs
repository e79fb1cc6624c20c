//! The host's services for a runner: the clock, connections, and blocking work.
//!
//! All three go through one trait, so that a simulation can stand in for the host.

use std::{fmt, io, time::SystemTime};

use futures::future::BoxFuture;
use models::time::Timestamp;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::spawn_blocking,
};

/// A connection to the server, as the link needs it.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// Work that blocks its thread.
pub type BlockingTask = Box<dyn FnOnce() -> io::Result<()> + Send>;

/// The host that a runner runs on.
pub trait Host: fmt::Debug + Send + Sync {
    /// Returns the time by the host's clock, which platforms stamp lines with.
    fn now(&self) -> Timestamp;

    /// Connects to a server.
    fn connect<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Connection>>>;

    /// Runs blocking work where it holds up nothing else.
    ///
    /// Dropping the future does not stop it.
    fn block(&self, work: BlockingTask) -> BoxFuture<'static, io::Result<()>>;
}

/// The host that this process runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemHost;

impl Host for SystemHost {
    #[expect(
        clippy::disallowed_methods,
        reason = "whether the clock was set back can be seen on that clock alone"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let micros = since.map_or(0, |since| since.as_micros());
        Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    fn connect<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Connection>>> {
        Box::pin(async move {
            let stream = TcpStream::connect(format!("{host}:{port}")).await?;
            // Frames are small, and someone waits for each of them.
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Connection>)
        })
    }

    fn block(&self, work: BlockingTask) -> BoxFuture<'static, io::Result<()>> {
        #[expect(clippy::disallowed_methods, reason = "this is what everyone else uses")]
        let working = spawn_blocking(work);
        Box::pin(async { working.await? })
    }
}
