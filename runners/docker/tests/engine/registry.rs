//! Registries on loopback: the engine speaks plain HTTP with those.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use tempfile::TempDir;
use uuid::Uuid;

/// A registry that has no image at all.
pub(crate) struct EmptyRegistry {
    address: SocketAddr,
}

impl EmptyRegistry {
    /// Listens until the test's process ends.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or(0);
                let answer = answer(&String::from_utf8_lossy(&request[..read]));
                stream.write_all(answer.as_bytes()).ok();
            }
        });
        Self { address }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
}

fn answer(request: &str) -> String {
    let (status, body) = if request.starts_with("GET /v2/ ") {
        ("200 OK", "{}")
    } else {
        let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
        ("404 Not Found", body)
    };
    format!(
        "HTTP/1.1 {status}\r\nDocker-Distribution-Api-Version: registry/2.0\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A registry that asks for a sign-in, admits nobody, and records the tries.
pub(crate) struct NosyRegistry {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl NosyRegistry {
    /// Listens until the test's process ends.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let notes = Arc::clone(&heard);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                notes.lock().unwrap().push(request);
                let refusal = "HTTP/1.1 401 Unauthorized\r\n\
                               Docker-Distribution-Api-Version: registry/2.0\r\n\
                               Www-Authenticate: Basic realm=\"nosy\"\r\n\
                               Content-Length: 0\r\nConnection: close\r\n\r\n";
                stream.write_all(refusal.as_bytes()).ok();
            }
        });
        Self { address, heard }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the number of requests, and of those with credentials.
    pub(crate) fn heard(&self) -> (usize, usize) {
        let heard = self.heard.lock().unwrap();
        let says_who = |request: &&String| request.to_lowercase().contains("authorization: basic");
        (heard.len(), heard.iter().filter(says_who).count())
    }
}

/// Access to a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Everyone.
    Open,
    /// Only [`PULLER`] and [`PUSHER`].
    Locked,
    /// The same two, over TLS with a self-signed certificate.
    ///
    /// Engines accept any certificate from loopback.
    LockedTls,
}

/// A user whom a locked registry knows.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) password: &'static str,
    /// Password hash by bcrypt, as `htpasswd -B` writes it.
    hash: &'static str,
}

/// Its password covers the characters in which the alphabets of base64 differ.
///
/// It does so wherever the password starts in the encoded text.
pub(crate) const PULLER: Known = Known {
    name: "puller",
    password: "canary ?~>?~>?~> \u{fc}",
    hash: "$2y$05$berthberthberthberthbefbTnrY7l.KRsjaDIg4CTRJfkgi/17QW",
};
pub(crate) const PUSHER: Known = Known {
    name: "pusher",
    password: "only pushes",
    hash: "$2y$05$berthberthberthberthbeWMlRox8rxtBafsQU04MPsm5QrgcTFy6",
};

/// Debian's `docker-registry` on a free port.
pub(crate) struct Registry {
    process: Child,
    address: SocketAddr,
    name: Uuid,
    _data: TempDir,
}

impl Registry {
    /// Starts it and waits until it listens.
    pub(crate) async fn start(door: Door) -> Self {
        let data = TempDir::new().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let config = data.path().join("config.yml");
        let files = data.path().join("data");
        let text = format!(
            "version: 0.1\n\
             storage: {{ filesystem: {{ rootdirectory: '{}' }} }}\n\
             http: {{ addr: '{address}' {} }}\n{}",
            files.display(),
            tls(door, data.path()),
            lock(door, data.path()),
        );
        std::fs::write(&config, text).unwrap();
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry is installed");
        let registry = Self {
            process,
            address,
            name: Uuid::now_v7(),
            _data: data,
        };
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::task::yield_now().await;
        }
        registry
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Registry {
    /// Returns the repository of the suite's images, which no registry before had.
    ///
    /// Ports come back, and the engine remembers what was pulled from an earlier registry.
    pub(crate) fn repository(&self) -> String {
        format!("{}/{}", self.address, self.name)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Returns the part of the configuration for access.
fn lock(door: Door, folder: &Path) -> String {
    if door == Door::Open {
        return String::new();
    }
    let file = folder.join("htpasswd");
    let lines = [PULLER, PUSHER].map(|known| format!("{}:{}\n", known.name, known.hash));
    std::fs::write(&file, lines.concat()).unwrap();
    format!(
        "auth: {{ htpasswd: {{ realm: berth, path: '{}' }} }}\n",
        file.display()
    )
}

/// Returns the part of the configuration for TLS.
fn tls(door: Door, folder: &Path) -> String {
    if door != Door::LockedTls {
        return String::new();
    }
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{made:?}");
    format!(
        ", tls: {{ certificate: '{}', key: '{}' }}",
        certificate.display(),
        key.display()
    )
}
