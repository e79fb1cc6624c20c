//! Registrations, from the runner's side.

use std::net::{IpAddr, SocketAddr};

use api::{
    client::ClientAddress,
    random,
    services::{self, registration::BeginOutcome},
};
use futures::SinkExt;
use models::{
    RegistrationId, RunnerId,
    api::runner::RegisterRunner,
    client,
    endpoint::Empty,
    error::ErrorCode,
    runner::{PROTOCOL_VERSION, RegistrationFrame, RegistrationReply, RegistrationRequest},
    value::Base64,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    TestServer, streams,
    streams::{WebSocket, hello},
};

/// A registration request, with a token that nobody knows.
pub fn request() -> RegistrationRequest {
    RegistrationRequest {
        protocol: PROTOCOL_VERSION,
        about: hello(PROTOCOL_VERSION).about,
        token_hash: Base64(random::bytes::<32>().to_vec()),
    }
}

/// A registration without a connection, as after its server crashed.
///
/// Returns its id and its user code.
pub async fn waiting(server: &TestServer) -> (String, String) {
    let (id, code) = begin(server, request()).await;
    (id.to_string(), code)
}

pub async fn begin(server: &TestServer, request: RegistrationRequest) -> (RegistrationId, String) {
    // A different address for each, so that they do not share a rate limit.
    let address = ClientAddress(IpAddr::from(random::bytes::<4>()));
    match services::registration::begin(&server.app, request, address).await {
        Ok(BeginOutcome::Pending {
            registration_id,
            code,
        }) => (registration_id, code.to_string()),
        other => panic!("it does not wait: {other:?}"),
    }
}

/// The runner's side of a registration, frame by frame.
#[derive(Debug)]
pub struct RegistrationClient {
    pub socket: WebSocket,
    /// The user code that the server sent.
    pub user_code: String,
}

impl RegistrationClient {
    pub async fn open(address: SocketAddr) -> Self {
        Self::with(address, request()).await
    }

    pub async fn with_protocol(address: SocketAddr, protocol: u16) -> Self {
        Self::with(
            address,
            RegistrationRequest {
                protocol,
                ..request()
            },
        )
        .await
    }

    pub async fn with(address: SocketAddr, request: RegistrationRequest) -> Self {
        let mut client = Self::connect(address).await;
        let frame = RegistrationFrame::Request(Box::new(request));
        client
            .send_text(serde_json::to_string(&frame).unwrap())
            .await;
        client
    }

    /// Connects without sending a frame.
    pub async fn connect(address: SocketAddr) -> Self {
        let path = client::stream_url::<RegisterRunner>(&Empty {}, &Empty {}).unwrap();
        Self {
            socket: streams::open(address, &path, &[]).await.unwrap(),
            user_code: String::new(),
        }
    }

    pub async fn send_text(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.ok();
    }

    /// The next reply; `None` if the connection ended.
    pub async fn next_reply(&mut self) -> Option<RegistrationReply> {
        let reply = streams::next(&mut self.socket).await?;
        Some(serde_json::from_value(reply).unwrap())
    }

    /// Waits for the user code.
    pub async fn code(&mut self) -> String {
        match self.next_reply().await {
            Some(RegistrationReply::Code {
                user_code,
                verification_uri,
                ..
            }) => {
                let end = format!("/register?code={user_code}");
                assert!(verification_uri.ends_with(&end), "{verification_uri}");
                self.user_code = user_code.to_string();
                self.user_code.clone()
            }
            other => panic!("no code but {other:?}"),
        }
    }

    /// Waits for the reason of the refusal.
    pub async fn refusal(&mut self) -> ErrorCode {
        match self.next_reply().await {
            Some(RegistrationReply::Denied { code, .. }) => code,
            other => panic!("it is not refused: {other:?}"),
        }
    }

    /// Waits for the approval and the new id.
    pub async fn approval(&mut self) -> RunnerId {
        match self.next_reply().await {
            Some(RegistrationReply::Approved { runner_id }) => runner_id,
            other => panic!("it is not approved: {other:?}"),
        }
    }
}
