//! The engine that `berthd` will use, spoken to over its socket.
//!
//! Requests are HTTP/1.0: the engine then answers unchunked and closes the connection.

use std::{
    fmt::Write as _,
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::workspace;

const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";
/// An engine that is there answers a ping at once.
const PING_TIMEOUT: Duration = Duration::from_secs(5);
const WORK_TIMEOUT: Duration = Duration::from_mins(2);

/// Where an engine listens.
pub(crate) struct Engine {
    host: String,
}

/// Whether an engine can be used.
pub(crate) enum Answer {
    Yes,
    /// Something listens there and this user may not talk to it.
    Forbidden,
    /// Nothing answers; says what was tried.
    Nothing(String),
}

/// What the engine said.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Engine {
    /// The engine of `DOCKER_HOST`, else the one of this machine.
    pub(crate) fn find() -> Self {
        Self {
            host: workspace::docker_host().unwrap_or_else(|| DEFAULT_HOST.to_owned()),
        }
    }

    /// Whether it is the one of this machine, which we may start.
    pub(crate) fn is_default(&self) -> bool {
        self.host == DEFAULT_HOST
    }

    /// Asks whether it is there.
    pub(crate) fn ping(&self) -> Answer {
        let nothing = |error: &dyn std::fmt::Display| {
            Answer::Nothing(format!(
                "no Docker Engine answers at {}: {error}",
                self.host
            ))
        };
        match self.exchange("GET", "/_ping", &[], PING_TIMEOUT) {
            Ok(response) if response.status == 200 => Answer::Yes,
            Ok(response) => nothing(&format_args!("status {}", response.status)),
            Err(error) => match error.downcast_ref::<io::Error>().map(io::Error::kind) {
                Some(ErrorKind::PermissionDenied) => Answer::Forbidden,
                _ => nothing(&error),
            },
        }
    }

    /// Sends a request and reads the whole answer.
    pub(crate) fn request(&self, method: &str, path: &str, body: &[u8]) -> Result<Response> {
        self.exchange(method, path, body, WORK_TIMEOUT)
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        timeout: Duration,
    ) -> Result<Response> {
        let head = head(method, path, body.len());
        let answer = if let Some(socket) = self.host.strip_prefix("unix://") {
            let stream = UnixStream::connect(socket)?;
            stream.set_read_timeout(Some(timeout))?;
            stream.set_write_timeout(Some(timeout))?;
            talk(stream, &head, body)?
        } else if let Some(address) = self.host.strip_prefix("tcp://") {
            let stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(timeout))?;
            stream.set_write_timeout(Some(timeout))?;
            talk(stream, &head, body)?
        } else {
            bail!(
                "DOCKER_HOST must begin with unix:// or tcp://, it is {}",
                self.host
            );
        };
        parse(&answer).context("the Docker Engine's answer is not HTTP")
    }
}

fn head(method: &str, path: &str, length: usize) -> String {
    let mut head = format!("{method} {path} HTTP/1.0\r\nHost: docker\r\n");
    if length > 0 {
        // Writing to a string cannot fail.
        let _ = write!(
            head,
            "Content-Type: application/x-tar\r\nContent-Length: {length}\r\n"
        );
    }
    head.push_str("\r\n");
    head
}

fn talk(mut stream: impl Read + Write, head: &str, body: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

fn parse(answer: &[u8]) -> Option<Response> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some(Response {
        status,
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_split_into_status_and_body() {
        let response = parse(b"HTTP/1.0 404 Not Found\r\nServer: x\r\n\r\nno such image").unwrap();
        assert_eq!(response.status, 404);
        assert_eq!(response.body, "no such image");
        assert!(parse(b"garbage").is_none());
    }

    #[test]
    fn an_engine_that_is_not_there_is_no_engine() {
        let engine = Engine {
            host: "unix:///no/such/socket".to_owned(),
        };
        let Answer::Nothing(reason) = engine.ping() else {
            panic!("something answered");
        };
        assert!(reason.contains("unix:///no/such/socket"), "{reason}");
    }
}
