//! API client that acts as a signed-in person.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use xtask::http::{Request, Response};

use crate::{
    berthd::{self, Berthd},
    logs::Socket,
};

/// Time limit of every wait.
const DEADLINE: Duration = Duration::from_mins(1);
/// Polling interval.
///
/// Others time the awaited event; polling must only spare the processor.
const POLL: Duration = Duration::from_millis(100);

/// A person's session, with their own workspace.
pub(super) struct Api {
    pub(super) workspace_id: String,
    port: u16,
    cookies: String,
}

impl Api {
    /// Becomes the administrator of a new server.
    pub(super) fn set_up(server: &Berthd) -> Result<Self> {
        let mut api = Self {
            workspace_id: String::new(),
            port: server.port,
            cookies: String::new(),
        };
        let body = json!({
            "token": server.setup_token()?,
            "name": "Bench",
            "email": "bench@example.org",
            "password": "it measures what is there",
            "workspace_name": "bench",
        });
        let response = api.exchange("POST", "/setup", &body.to_string().into_bytes())?;
        ensure!(response.status == 201, "set-up: {}", response.text());
        let cookies: Vec<_> = response
            .header("set-cookie")
            .filter_map(|cookie| cookie.split(';').next())
            .collect();
        api.cookies = cookies.join("; ");
        api.workspace_id = text(&response.json()?, "/workspace/workspace_id")?;
        Ok(api)
    }

    /// Reads a resource of the workspace; `None` if it does not exist.
    pub(super) fn get(&self, path: &str) -> Result<Option<Value>> {
        let response = self.exchange("GET", &self.path(path), &[])?;
        match response.status {
            200 => response.json().map(Some),
            404 => Ok(None),
            status => bail!("GET {path}: {status} {}", response.text()),
        }
    }

    /// Changes a resource of the workspace.
    pub(super) fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let response = self.exchange(method, &self.path(path), &body)?;
        ensure!(
            matches!(response.status, 200..300),
            "{method} {path}: {} {}",
            response.status,
            response.text()
        );
        response.json()
    }

    /// Waits until this runner is connected; returns its id.
    pub(super) fn connected_runner(&self, name: &str) -> Result<String> {
        wait(&format!("the runner {name} did not connect"), || {
            let runners = self.get("/runner")?.unwrap_or_default();
            let items = runners["items"].as_array().cloned().unwrap_or_default();
            items
                .iter()
                .find(|runner| runner["name"] == name && runner["connected"] == true)
                .map(|runner| text(runner, "/runner_id"))
                .transpose()
        })
    }

    /// Requests a page or a file as this person's browser would.
    pub(super) fn browse(&self, path: &str, codings: &str) -> Result<Response> {
        browse(self.port, path, &self.cookies, codings)
    }

    /// Opens the stream at a path of the workspace, as this person's page would.
    pub(super) fn stream(&self, path: &str) -> Result<Socket> {
        let path = format!("/api/v1{}", self.path(path));
        Socket::open(self.port, &path, &self.cookies)
    }

    fn path(&self, path: &str) -> String {
        format!("/workspace/{}{path}", self.workspace_id)
    }

    fn exchange(&self, method: &str, path: &str, body: &[u8]) -> Result<Response> {
        let headers = [
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            ("Cookie", self.cookies.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        berthd::ask(
            self.port,
            &Request {
                method,
                path: &format!("/api/v1{path}"),
                headers: &headers,
                body,
            },
        )
    }
}

/// Requests a page or a file like a browser that accepts these content codings.
pub(super) fn browse(port: u16, path: &str, cookies: &str, codings: &str) -> Result<Response> {
    let headers = [("Accept-Encoding", codings), ("Cookie", cookies)];
    let response = berthd::ask(
        port,
        &Request {
            headers: &headers,
            ..Request::get(path)
        },
    )?;
    ensure!(response.status == 200, "GET {path}: {}", response.status);
    Ok(response)
}

/// Returns the text at this place of a JSON value.
pub(super) fn text(value: &Value, pointer: &str) -> Result<String> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .with_context(|| format!("{pointer} is missing in {value}"))
}

/// Polls until there is an answer.
pub(super) fn wait<T>(complaint: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if Instant::now() >= deadline {
            bail!("{complaint}");
        }
        thread::sleep(POLL);
    }
}
