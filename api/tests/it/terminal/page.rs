//! A terminal as a page uses it.

use std::net::SocketAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures::SinkExt;
use harness::{
    Client,
    streams::{WebSocket, next, open_as},
    terminal::App,
};
use models::{error::ErrorCode, exec::WINDOW_BYTES};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

pub(super) const WINDOW: usize = WINDOW_BYTES as usize;

/// A terminal as a page uses it.
pub(crate) struct Terminal {
    pub(super) socket: WebSocket,
    pub(super) shown: Vec<u8>,
    /// The number of typed bytes that were passed on.
    pub(super) passed_on: usize,
    /// True if it acknowledges output as shown.
    pub(super) takes: bool,
}

impl Terminal {
    pub(crate) async fn open(client: &Client, address: SocketAddr, app: &App, query: &str) -> Self {
        Self::at(client, address, &app.terminal(query)).await
    }

    pub(super) async fn at(client: &Client, address: SocketAddr, path: &str) -> Self {
        Self {
            socket: open_as(client, address, path).await.unwrap(),
            shown: Vec::new(),
            passed_on: 0,
            takes: true,
        }
    }

    pub(super) async fn say(&mut self, message: &Value) {
        // The stream may have ended already; its last message then explains why.
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .ok();
    }

    pub(crate) async fn type_in(&mut self, text: &str) {
        let bytes = STANDARD.encode(text);
        self.say(&json!({"type": "input", "bytes": bytes})).await;
    }

    pub(super) async fn take(&mut self, bytes: usize) {
        self.say(&json!({"type": "taken", "bytes": bytes})).await;
    }

    /// The next message other than output; `None` at the end of the stream.
    pub(super) async fn word(&mut self) -> Option<Value> {
        loop {
            let message = next(&mut self.socket).await?;
            match message["type"].as_str() {
                Some("output") => self.show(&message).await,
                Some("heartbeat") => {}
                Some("taken") => self.note(&message),
                _ => return Some(message),
            }
        }
    }

    pub(super) fn note(&mut self, taken: &Value) {
        self.passed_on += usize::try_from(taken["bytes"].as_u64().unwrap()).unwrap();
    }

    pub(super) async fn show(&mut self, output: &Value) {
        let bytes = STANDARD.decode(output["bytes"].as_str().unwrap()).unwrap();
        if self.takes {
            self.take(bytes.len()).await;
        }
        self.shown.extend(bytes);
    }

    /// Waits for one piece of output.
    pub(super) async fn hear(&mut self) {
        loop {
            let message = next(&mut self.socket).await.expect("it goes on");
            match message["type"].as_str() {
                Some("output") => return self.show(&message).await,
                Some("heartbeat") => {}
                Some("taken") => self.note(&message),
                _ => panic!("it ended: {message}"),
            }
        }
    }

    pub(crate) async fn shows(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.shown).contains(text) {
            self.hear().await;
        }
    }

    /// Waits until the other side refuses or closes the terminal.
    pub(crate) async fn refusal(&mut self) -> ErrorCode {
        let message = self.word().await.expect("it says why");
        assert_eq!(message["type"], "refused", "{message}");
        assert!(!message["message"].as_str().unwrap().is_empty());
        assert_eq!(self.word().await, None);
        serde_json::from_value(message["code"].clone()).unwrap()
    }
}
