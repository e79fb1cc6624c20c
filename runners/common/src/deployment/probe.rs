//! Whether something answers HTTP.

use std::{io, time::Duration};

use http::Uri;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long one question may take. An app that is still warming up may well take some seconds
/// for its first page, and asking again while it works on it does not help it.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Whether `GET /` brings any HTTP response at all.
///
/// Any status counts, 404 and 500 too: what is to be shown is that the app came up and serves its
/// port, not that its front page is fine, of which we know nothing. Bytes that are no HTTP do not
/// count, and neither does a bare connection: platforms accept those before the app does.
pub(super) async fn answers(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let Some(authority) = uri.authority() else {
        return false;
    };
    timeout(ANSWER_WITHIN, ask(authority.as_str()))
        .await
        .is_ok_and(|answer| answer.unwrap_or(false))
}

async fn ask(authority: &str) -> io::Result<bool> {
    let mut stream = TcpStream::connect(authority).await?;
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: berth-runner\r\nAccept: */*\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut beginning = [0; 5];
    stream.read_exact(&mut beginning).await?;
    Ok(beginning == *b"HTTP/")
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use tokio_util::task::AbortOnDropHandle;

    use super::answers;
    use crate::task;

    /// Serves this to one connection.
    async fn server(answer: &'static str) -> (String, AbortOnDropHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = task::owned(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let read = stream.read(&mut request).await.unwrap();
            assert!(request[..read].starts_with(b"GET / HTTP/1.1\r\n"));
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        (url, serving)
    }

    #[tokio::test]
    async fn any_status_counts_as_an_answer() {
        for answer in [
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\n\r\n",
            "HTTP/1.0 503 Unavailable\r\n\r\n",
        ] {
            assert!(
                answers(&server(answer).await.0).await,
                "{answer:?} did not count"
            );
        }
    }

    #[tokio::test]
    async fn what_is_no_http_does_not_count() {
        for answer in ["", "SSH-2.0-OpenSSH\r\n", "HTT"] {
            assert!(
                !answers(&server(answer).await.0).await,
                "{answer:?} counted"
            );
        }
    }

    #[tokio::test]
    async fn a_closed_port_does_not_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        assert!(!answers(&url).await);
    }
}
