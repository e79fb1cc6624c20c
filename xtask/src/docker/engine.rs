//! Client of the Docker Engine that `berthd` will use, over its socket.

use std::{
    io::{self, ErrorKind, Read},
    net::TcpStream,
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use anyhow::{Result, bail};

use crate::{
    http::{self, Request, Response},
    workspace,
};

const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";
/// Time limit of a ping, which a running engine answers at once.
const PING_TIMEOUT: Duration = Duration::from_secs(5);
const WORK_TIMEOUT: Duration = Duration::from_mins(2);

/// Address of an engine.
pub struct Engine {
    host: String,
}

/// A connection to an engine.
enum Connection {
    Unix(UnixStream),
    Tcp(TcpStream),
}

/// Answer of an engine to a ping.
pub enum Answer {
    /// The engine is ready.
    Yes,
    /// An engine listens, but this user may not access it.
    Forbidden,
    /// No engine answers; the text says what was tried.
    Nothing(String),
}

impl Engine {
    /// Returns the engine of `DOCKER_HOST`, or else that of this machine.
    pub fn find() -> Self {
        Self {
            host: workspace::docker_host().unwrap_or_else(|| DEFAULT_HOST.to_owned()),
        }
    }

    /// Returns the engine that listens on a socket.
    pub fn at(socket: &Path) -> Self {
        Self {
            host: format!("unix://{}", socket.display()),
        }
    }

    /// True for this machine's engine, which we may start.
    pub fn is_default(&self) -> bool {
        self.host == DEFAULT_HOST
    }

    /// Checks if the engine answers.
    pub fn ping(&self) -> Answer {
        let nothing = |error: &dyn std::fmt::Display| {
            Answer::Nothing(format!(
                "no Docker Engine is responding at {}: {error}",
                self.host
            ))
        };
        match self.exchange(&Request::get("/_ping"), PING_TIMEOUT) {
            Ok(response) if response.status == 200 => Answer::Yes,
            Ok(response) => nothing(&format_args!("status {}", response.status)),
            Err(error) => match error.downcast_ref::<io::Error>().map(io::Error::kind) {
                Some(ErrorKind::PermissionDenied) => Answer::Forbidden,
                _ => nothing(&error),
            },
        }
    }

    /// Sends a request and reads the whole response.
    pub fn request(&self, request: &Request<'_>) -> Result<Response> {
        self.exchange(request, WORK_TIMEOUT)
    }

    /// Sends a request whose response is read as a stream.
    pub fn stream(&self, request: &Request<'_>) -> Result<Box<dyn Read + Send>> {
        let body: Box<dyn Read + Send> = match self.connect(WORK_TIMEOUT)? {
            Connection::Unix(stream) => Box::new(http::begin(stream, request)?),
            Connection::Tcp(stream) => Box::new(http::begin(stream, request)?),
        };
        Ok(body)
    }

    fn exchange(&self, request: &Request<'_>, timeout: Duration) -> Result<Response> {
        match self.connect(timeout)? {
            Connection::Unix(stream) => http::exchange(stream, request),
            Connection::Tcp(stream) => http::exchange(stream, request),
        }
    }

    fn connect(&self, timeout: Duration) -> Result<Connection> {
        if let Some(socket) = self.host.strip_prefix("unix://") {
            let stream = UnixStream::connect(socket)?;
            stream.set_read_timeout(Some(timeout))?;
            stream.set_write_timeout(Some(timeout))?;
            Ok(Connection::Unix(stream))
        } else if let Some(address) = self.host.strip_prefix("tcp://") {
            let stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(timeout))?;
            stream.set_write_timeout(Some(timeout))?;
            Ok(Connection::Tcp(stream))
        } else {
            bail!(
                "DOCKER_HOST must start with unix:// or tcp://, but it is {}",
                self.host
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_engine_is_not_detected() {
        let engine = Engine {
            host: "unix:///no/such/socket".to_owned(),
        };
        let Answer::Nothing(reason) = engine.ping() else {
            panic!("something answered");
        };
        assert!(reason.contains("unix:///no/such/socket"), "{reason}");
    }
}
