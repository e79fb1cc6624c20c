//! Streams and the links of runners, frame by frame.

use std::net::SocketAddr;

use axum::http::{HeaderValue, header};
use futures::{SinkExt, StreamExt};
use models::{
    api::runner::ConnectRunner,
    client,
    endpoint::Empty,
    runner::{Hello, RunnerFrame, RunnerInfo, ServerFrame},
};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use crate::{Client, Fake, spec};

pub type WebSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The hello of a runner with this protocol version.
pub fn hello(protocol: u16) -> Box<Hello> {
    Box::new(Hello {
        protocol,
        about: RunnerInfo {
            kind: "test".to_owned(),
            version: "0".to_owned(),
            platform_version: "0".to_owned(),
            platform_api: None,
            tested_platforms: Vec::new(),
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            host_name: "test".to_owned(),
            cpus: 1,
            memory_bytes: 1,
            disk_bytes: None,
            volumes: true,
            tags: true,
            private_networks: true,
            runs: true,
            app_firewall: None,
            publish_address: None,
            policy: None,
        },
    })
}

/// A runner's link, frame by frame.
pub struct Link(pub WebSocket);

impl Link {
    pub async fn open(address: SocketAddr, token: &str) -> Self {
        let path = client::stream_url::<ConnectRunner>(&Empty {}, &Empty {}).unwrap();
        let authorization = (header::AUTHORIZATION, format!("Bearer {token}"));
        Self(open(address, &path, &[authorization]).await.unwrap())
    }

    pub async fn send(&mut self, frame: &RunnerFrame) {
        let text = serde_json::to_string(frame).unwrap();
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub async fn send_text(&mut self, text: impl Into<String>) {
        // The other side may have closed the link already.
        self.0.send(Message::text(text.into())).await.ok();
    }

    /// Waits until the other side ends the link.
    pub async fn ends(mut self) {
        while next(&mut self.0).await.is_some() {}
    }

    /// The next frame, without [`ServerFrame::RetainImages`], which comes any time.
    pub async fn receive(&mut self) -> ServerFrame {
        loop {
            let frame = serde_json::from_value(self.receive_value().await).unwrap();
            if !matches!(frame, ServerFrame::RetainImages { .. }) {
                return frame;
            }
        }
    }

    pub async fn receive_value(&mut self) -> Value {
        next(&mut self.0).await.unwrap()
    }

    /// True if the server ends the link without a frame other than images to keep.
    pub async fn has_ended(&mut self) -> bool {
        loop {
            match next(&mut self.0).await {
                None => return true,
                Some(frame) if frame["type"] == "retain_images" => {}
                Some(_) => return false,
            }
        }
    }
}

/// Opens a stream, or returns the status of its refusal.
pub async fn open(
    address: SocketAddr,
    path: &str,
    headers: &[(header::HeaderName, String)],
) -> Result<WebSocket, u16> {
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .unwrap();
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).unwrap();
        request.headers_mut().insert(name, value);
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// Opens a stream as the page or the program of a caller does.
pub async fn open_as(client: &Client, address: SocketAddr, path: &str) -> Result<WebSocket, u16> {
    // As a browser sends it, whatever address the test connects to.
    let mut headers = vec![(header::HOST, "localhost".to_owned())];
    for (name, value) in &client.headers() {
        headers.push((name.clone(), value.to_str().unwrap().to_owned()));
    }
    open(address, &format!("/api/v1{path}"), &headers).await
}

/// The next message; `None` at the end of the stream.
pub async fn next(socket: &mut WebSocket) -> Option<Value> {
    let waiting = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).ok(),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), waiting)
        .await
        .expect("a message within half a minute")
}

pub async fn deploy(owner: &mut Client, path: &str, fake: &Fake) -> String {
    let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": spec("1")});
    let answer = owner.post(path, &request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.body["deployment"]["deployment_id"].as_str();
    format!("{path}/{}", id.unwrap())
}
