//! The server's side of the link, as small as possible.

use futures::{SinkExt, StreamExt};
use http::{StatusCode, header::AUTHORIZATION};
use models::{
    RunnerId,
    runner::{PROTOCOL_VERSION, RunnerFrame, RunnerInfo, ServerFrame, WorkloadObservation},
};
use tokio::{net::TcpListener, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
    },
};
use uuid::Uuid;

use super::{Link, PATIENCE};

/// The token that the suite's server knows.
const TOKEN: &str = "berth_runner_conformance";

/// A server that takes one runner's links.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    /// Id of the runner on this server.
    pub runner_id: RunnerId,
    epoch: i64,
    /// The runner's last facts.
    pub about: Option<RunnerInfo>,
}

impl Server {
    /// Listens on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        Self {
            listener: listener.expect("loopback has a free port"),
            runner_id: RunnerId::from_uuid(Uuid::now_v7()),
            epoch: 0,
            about: None,
        }
    }

    /// Returns the URL for runners.
    pub fn url(&self) -> String {
        let address = self.listener.local_addr().expect("it listens");
        format!("http://{address}")
    }

    /// Returns the token that it accepts.
    pub const fn token(&self) -> &'static str {
        TOKEN
    }

    /// Accepts the runner's next link, with its first full report.
    pub async fn link(&mut self) -> (Link, Vec<WorkloadObservation>) {
        let mut link = self.welcome().await;
        let seen = link
            .until("the full report", |frame| match frame {
                RunnerFrame::Observed { workloads } => Some(workloads.clone()),
                other => panic!("the second frame is {other:?}, not the full report"),
            })
            .await;
        (link, seen)
    }

    /// Accepts the runner's next link up to the welcome.
    pub async fn welcome(&mut self) -> Link {
        let mut socket = timeout(PATIENCE, self.accept())
            .await
            .expect("the runner opens a link");
        match receive(&mut socket).await {
            RunnerFrame::Hello(hello) => {
                assert_eq!(hello.protocol, PROTOCOL_VERSION);
                assert!(!hello.about.kind.is_empty(), "it does not say what it is");
                self.about = Some(hello.about);
            }
            other => panic!("the first frame is {other:?}, not hello"),
        }
        self.epoch += 1;
        let mut link = Link::new(socket, self.epoch);
        link.send(ServerFrame::Welcome {
            protocol: PROTOCOL_VERSION,
            runner_id: self.runner_id,
            epoch: self.epoch,
        })
        .await;
        link
    }

    /// Accepts the next connection to the right path with the right token.
    async fn accept(&self) -> WebSocketStream<tokio::net::TcpStream> {
        loop {
            let (stream, _) = self.listener.accept().await.expect("it listens");
            if let Ok(socket) = accept_hdr_async(stream, check).await {
                return socket;
            }
        }
    }

    /// Accepts a connection and refuses it in a frame, like a server that is too new.
    pub async fn refuse(&mut self, frame: ServerFrame) {
        let mut socket = timeout(PATIENCE, self.accept())
            .await
            .expect("the runner opens a link");
        let text = serde_json::to_string(&frame).expect("frames are JSON");
        socket.send(Message::text(text)).await.ok();
    }
}

#[expect(clippy::result_large_err, reason = "the signature is the library's")]
fn check(request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    let bearer = format!("Bearer {TOKEN}");
    let known = request
        .headers()
        .get(AUTHORIZATION)
        .is_some_and(|sent| sent == bearer.as_str());
    if request.uri().path() != "/api/v1/runner/link" || !known {
        let mut refusal = ErrorResponse::new(None);
        *refusal.status_mut() = StatusCode::UNAUTHORIZED;
        return Err(refusal);
    }
    Ok(response)
}

pub(super) async fn receive(socket: &mut WebSocketStream<tokio::net::TcpStream>) -> RunnerFrame {
    loop {
        let message = timeout(PATIENCE, socket.next()).await;
        let message = message.expect("the runner says something");
        if let Message::Text(text) = message.expect("the link holds").expect("the link holds") {
            return serde_json::from_str(&text).expect("a runner sends frames");
        }
    }
}
