//! The server's side of registrations, as small as possible.

use futures::{SinkExt, StreamExt};
use http::header::AUTHORIZATION;
use models::runner::{RegistrationFrame, RegistrationReply, RegistrationRequest};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
    },
};

use super::PATIENCE;

/// Listener for runners that have no token yet.
#[derive(Debug)]
pub struct RegistrationServer {
    listener: TcpListener,
}

/// A registration that awaits its reply.
#[derive(Debug)]
pub struct PendingRegistration {
    /// The runner's request.
    pub request: RegistrationRequest,
    socket: WebSocketStream<TcpStream>,
}

impl RegistrationServer {
    /// Listens on a free port.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        Self {
            listener: listener.expect("loopback has a free port"),
        }
    }

    /// Returns the URL for runners.
    pub fn url(&self) -> String {
        let address = self.listener.local_addr().expect("it listens");
        format!("http://{address}")
    }

    /// Accepts the next registration request.
    pub async fn next_request(&self) -> PendingRegistration {
        let (path, token, mut socket) = self.accept().await;
        assert_eq!(path, "/api/v1/runner/registration");
        assert_eq!(token, None, "it shows a token that it does not have");
        let message = timeout(PATIENCE, socket.next()).await;
        let message = message
            .expect("the runner says something")
            .expect("it holds");
        let text = message.expect("it holds").into_text().expect("a text");
        match serde_json::from_str(&text).expect("a frame") {
            RegistrationFrame::Request(request) => PendingRegistration {
                request: *request,
                socket,
            },
            RegistrationFrame::Unknown => panic!("the first frame is no request"),
        }
    }

    /// Returns the token of the next runner that opens a link.
    pub async fn next_link_token(&self) -> String {
        let (path, token, _) = self.accept().await;
        assert_eq!(path, "/api/v1/runner/link");
        let token = token.expect("it shows a token");
        token.strip_prefix("Bearer ").expect("a bearer").to_owned()
    }

    async fn accept(&self) -> (String, Option<String>, WebSocketStream<TcpStream>) {
        let mut asked = (String::new(), None);
        #[expect(clippy::result_large_err, reason = "the signature is the library's")]
        let read_headers =
            |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
                let token = request.headers().get(AUTHORIZATION);
                let token = token.and_then(|token| token.to_str().ok().map(str::to_owned));
                asked = (request.uri().path().to_owned(), token);
                Ok(response)
            };
        let accepting = async {
            let (stream, _) = self.listener.accept().await.expect("it listens");
            accept_hdr_async(stream, read_headers)
                .await
                .expect("a WebSocket")
        };
        let socket = timeout(PATIENCE, accepting).await;
        let socket = socket.expect("the runner comes");
        let (path, token) = asked;
        (path, token, socket)
    }
}

impl PendingRegistration {
    /// Sends a reply.
    pub async fn reply(&mut self, reply: &RegistrationReply) {
        let text = serde_json::to_string(reply).expect("replies are JSON");
        self.send_text(text).await;
    }

    /// Sends any text.
    pub async fn send_text(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.ok();
    }
}
