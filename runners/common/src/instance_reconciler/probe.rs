//! Probes: single checks of an instance.

use std::{io, ops::RangeInclusive, time::Duration};

use models::{
    ansi::plain,
    deployment::{Probe, PublishedPort, Question, Resources, Transport},
    value::{Argument, SocketAddress},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{context::Context, execute::execute};
use crate::{
    exit,
    platform::{InstanceKey, InstancePlatform},
    policy,
};

/// Timeout of a probe without one of its own.
///
/// A warming-up app may well need some seconds for its first page, and a second request
/// meanwhile does not help it.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Statuses that mean success; the same as for Kubernetes' probes.
const GOOD: RangeInclusive<u16> = 200..=399;

/// Checks that `GET /` gets any HTTP response.
///
/// Any status counts, 404 and 500 too: the check shows that the app came up and serves its
/// port, not that its front page is fine, of which the runner knows nothing. Bytes that are not
/// HTTP do not count, and neither does a bare connection: platforms accept those before the app
/// does.
pub(super) async fn http_answers(address: &SocketAddress) -> bool {
    timeout(ANSWER_WITHIN, get(address, "/"))
        .await
        .is_ok_and(|status| status.is_ok())
}

/// Runs a probe once.
///
/// # Errors
/// The reason why it failed, for people.
pub(super) async fn run_probe<P: InstancePlatform>(
    context: &Context<P>,
    key: &InstanceKey,
    probe: &Probe,
    resources: &Resources,
) -> Result<(), String> {
    let Some(question) = probe.question() else {
        return Ok(());
    };
    let limit = Duration::from_millis(probe.timeout_ms.into());
    match timeout(
        limit,
        probe_once(context, key, question, (limit, resources)),
    )
    .await
    {
        Ok(answer) => answer,
        Err(_) => Err(format!("no response within {} ms", limit.as_millis())),
    }
}

async fn probe_once<P: InstancePlatform>(
    context: &Context<P>,
    key: &InstanceKey,
    question: Question<'_>,
    (limit, resources): (Duration, &Resources),
) -> Result<(), String> {
    match question {
        Question::Http { port, path } => {
            let address = address(context, key, port)?;
            match get(&address, path).await {
                Ok(status) if GOOD.contains(&status) => Ok(()),
                Ok(status) => Err(format!(
                    "GET {path} on port {port} returned status {status}"
                )),
                Err(error) => Err(format!("GET {path} on port {port}: {error}")),
            }
        }
        Question::Tcp { port } => {
            let address = address(context, key, port)?;
            match accepts_tcp(&address).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(format!("port {port} closed the connection immediately")),
                Err(error) => Err(format!("port {port}: {error}")),
            }
        }
        Question::Command(command) => run(context, key, command, (limit, resources)).await,
    }
}

async fn run<P: InstancePlatform>(
    context: &Context<P>,
    key: &InstanceKey,
    command: &[Argument],
    (limit, resources): (Duration, &Resources),
) -> Result<(), String> {
    policy::check_exec(&context.agent.policy).map_err(|error| error.message)?;
    match execute(&*context.platform, key, command, limit).await {
        Ok(executed) if executed.end.code == 0 => Ok(()),
        Ok(executed) if executed.end.oom_killed => {
            Err(format!("the command was killed {}", exit::limit(resources)))
        }
        Ok(executed) => Err(format!(
            "the command exited with code {}: {}",
            executed.end.code,
            first_line(&executed.output)
        )),
        Err(error) => Err(error.message),
    }
}

fn address<P>(context: &Context<P>, key: &InstanceKey, port: u16) -> Result<SocketAddress, String> {
    let snapshots = context.agent.informer.snapshots();
    let snapshot = snapshots.borrow();
    let ports = snapshot.get(key).map(|instance| instance.ports.as_slice());
    PublishedPort::address_of(ports.unwrap_or_default(), port, Transport::Tcp)
        .cloned()
        .ok_or_else(|| format!("port {port} is not published"))
}

/// True if a port accepts connections and keeps them.
///
/// A platform's own proxy accepts them before the app does, and drops them at once.
async fn accepts_tcp(address: &SocketAddress) -> io::Result<bool> {
    const A_MOMENT: Duration = Duration::from_millis(50);
    let mut stream = TcpStream::connect((address.host(), address.port())).await?;
    Ok(match timeout(A_MOMENT, stream.read(&mut [0])).await {
        // The app waits for the client to speak first.
        Err(_) => true,
        Ok(read) => read.is_ok_and(|bytes| bytes > 0),
    })
}

fn first_line(output: &[u8]) -> String {
    const LENGTH: usize = 200;
    let text = String::from_utf8_lossy(output);
    let line = plain(text.lines().next().unwrap_or_default());
    line.chars().take(LENGTH).collect()
}

/// Sends a `GET` for a path and returns the response's status.
async fn get(address: &SocketAddress, path: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect((address.host(), address.port())).await?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: berth-runner\r\nAccept: */*\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut beginning = [0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut beginning).await?;
    let no_http = || io::Error::new(io::ErrorKind::InvalidData, "the response is not HTTP");
    status(&beginning).ok_or_else(no_http)
}

fn status(beginning: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(beginning).ok()?;
    let (version, status) = text.split_once(' ')?;
    version.strip_prefix("HTTP/")?;
    status
        .get(..3)?
        .parse()
        .ok()
        .filter(|status| *status >= 100)
}

#[cfg(test)]
mod tests {
    use models::value::SocketAddress;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };
    use tokio_util::task::AbortOnDropHandle;

    use super::{accepts_tcp, first_line, get, http_answers};
    use crate::task;

    /// Serves `answer` to one connection.
    async fn server(answer: &'static str) -> (SocketAddress, AbortOnDropHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = SocketAddress::from(listener.local_addr().unwrap());
        let serving = task::spawn_owned(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let read = stream.read(&mut request).await.unwrap();
            assert!(request[..read].starts_with(b"GET / HTTP/1.1\r\n"));
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        (address, serving)
    }

    #[test]
    fn a_complaint_is_the_first_line_as_a_terminal_shows_it() {
        assert_eq!(
            first_line(b"\x1b[31mno database\x1b[0m\r\nat line 1"),
            "no database"
        );
        assert_eq!(first_line(b"1%\r2%\rbroken\n"), "broken");
        assert_eq!(first_line(b""), "");
    }

    #[tokio::test]
    async fn any_status_counts_as_an_answer() {
        for answer in [
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\n\r\n",
            "HTTP/1.0 503 Unavailable\r\n\r\n",
        ] {
            assert!(
                http_answers(&server(answer).await.0).await,
                "{answer:?} did not count"
            );
        }
    }

    #[tokio::test]
    async fn a_probe_sees_the_status() {
        for (answer, status) in [
            ("HTTP/1.1 204 No Content\r\n\r\n", 204),
            ("HTTP/2 500\r\n", 500),
        ] {
            let (address, _serving) = server(answer).await;
            assert_eq!(get(&address, "/").await.ok(), Some(status), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_response_that_is_not_http_fails_the_probe() {
        for answer in ["", "SSH-2.0-OpenSSH\r\n", "HTT", "HTTP/1.1 xyz\r\n\r\n"] {
            assert!(
                !http_answers(&server(answer).await.0).await,
                "{answer:?} counted"
            );
        }
    }

    #[tokio::test]
    async fn a_closed_port_does_not_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = SocketAddress::from(listener.local_addr().unwrap());
        assert!(accepts_tcp(&address).await.unwrap());
        drop(listener);
        assert!(!http_answers(&address).await);
        assert!(accepts_tcp(&address).await.is_err());
    }
}
