//! Class 32: clients that send too little hold little, and not forever.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use api::{db_test, server, telemetry::Metrics};
use harness::{TestServer, eventually};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::whole;

/// A timeout so short that no test waits long for it.
const HASTY: (&str, &str) = ("BERTH__SERVER__HEAD_TIMEOUT_MS", "400");
/// A timeout so long that it expires in no test.
const PATIENT: (&str, &str) = ("BERTH__SERVER__HEAD_TIMEOUT_MS", "3600000");
const FIVE: (&str, &str) = ("BERTH__SERVER__MAX_CONNECTIONS_PER_ADDRESS", "5");

async fn say(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    socket
}

/// Waits until the server closes a connection, and returns what it sent before.
async fn ends(mut socket: TcpStream) -> String {
    let mut received = Vec::new();
    let reading = socket.read_to_end(&mut received);
    // A connection closed with unread data is reset, which is an end as well.
    let read = tokio::time::timeout(Duration::from_secs(30), reading).await;
    let _ = read.expect("the connection is closed within half a minute");
    String::from_utf8_lossy(&received).into_owned()
}

async fn answers(address: SocketAddr, path: &str) -> bool {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let Ok(mut socket) = TcpStream::connect(address).await else {
        return false;
    };
    if socket.write_all(request.as_bytes()).await.is_err() {
        return false;
    }
    let mut received = Vec::new();
    let _ = socket.read_to_end(&mut received).await;
    received.starts_with(b"HTTP/1.1 200 ")
}

db_test! {
    async fn half_a_request_is_not_waited_for_and_others_go_on_meanwhile(db: Db) {
        let server = TestServer::with_settings(whole(db), &[HASTY]);
        let address = server.serve().await;
        let mut halves = Vec::new();
        for bytes in [&b""[..], b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: "] {
            for _ in 0..50 {
                halves.push(say(address, bytes).await);
            }
        }
        let begun = Instant::now();
        for _ in 0..20 {
            assert!(answers(address, "/healthz").await);
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        for half in halves {
            ends(half).await;
        }
    }

    async fn one_that_drips_is_closed_all_the_same(db: Db) {
        let server = TestServer::with_settings(whole(db), &[HASTY]);
        let address = server.serve().await;
        let mut socket = say(address, b"GET / HTTP/1.1\r\nX-A: ").await;
        // Each byte is in time, but the whole head is not.
        let dripping = async {
            while socket.write_all(b"a").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), dripping).await.expect("it is closed");
    }

    async fn an_idle_connection_is_closed_after_its_answer(db: Db) {
        let server = TestServer::with_settings(whole(db), &[HASTY]);
        let address = server.serve().await;
        let socket = say(address, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let received = ends(socket).await;
        assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
    }

    async fn half_a_body_is_not_waited_for_on_endpoints_and_forms(db: Db) {
        let server = TestServer::with_settings(whole(db), &[("BERTH__SERVER__REQUEST_TIMEOUT_MS", "400")]);
        let address = server.serve().await;
        for path in ["/api/v1/session", "/form/SignIn"] {
            let request = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\
                 Content-Type: application/json\r\nSec-Fetch-Site: same-origin\r\n\r\n{{"
            );
            let received = ends(say(address, request.as_bytes()).await).await;
            assert!(received.starts_with("HTTP/1.1 408 "), "{path}: {received}");
        }
    }

    async fn an_address_has_so_many_connections_and_gets_them_back(db: Db) {
        let server = TestServer::with_settings(whole(db), &[PATIENT, FIVE]);
        let address = server.serve().await;
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(say(address, b"GET / HTTP/1.1\r\n").await);
        }
        // Connections are accepted in order, so the sixth is one too many.
        assert_eq!(ends(say(address, b"GET /healthz HTTP/1.1\r\n").await).await, "");
        assert!(!answers(address, "/healthz").await);
        held.pop();
        eventually("there is room again", async || answers(address, "/healthz").await.then_some(())).await;
    }

    async fn a_trusted_proxy_has_as_many_as_it_needs(db: Db) {
        let server = TestServer::with_settings(whole(db), &[
            PATIENT,
            FIVE,
            ("BERTH__SERVER__TRUSTED_PROXIES", "[\"127.0.0.1\"]"),
        ]);
        let address = server.serve().await;
        let mut held = Vec::new();
        for _ in 0..50 {
            held.push(say(address, b"GET / HTTP/1.1\r\n").await);
        }
        assert!(answers(address, "/healthz").await);
    }

    async fn open_streams_do_not_count_as_connections(db: Db) {
        let server = TestServer::with_settings(whole(db), &[PATIENT, FIVE]);
        let (owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/workspace/{workspace_id}/stream");
        let mut streams = Vec::new();
        for _ in 0..20 {
            streams.push(harness::streams::open_as(&owner, address, &path).await.unwrap());
        }
        assert!(answers(address, "/healthz").await);
    }

    async fn the_listener_of_the_figures_has_the_same_limits(db: Db) {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let address = port.to_string();
        let server = TestServer::with_settings(whole(db), &[
            HASTY,
            FIVE,
            ("BERTH__METRICS__ADDRESS", &address),
        ]);
        server::serve_metrics(&server.app, Metrics::detached().unwrap()).await.unwrap();
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(say(port, b"GET / HTTP/1.1\r\n").await);
        }
        assert!(!answers(port, "/metrics").await);
        for half in held {
            ends(half).await;
        }
        assert!(answers(port, "/metrics").await);
    }

    async fn a_server_that_stops_finishes_what_is_under_way_and_closes_the_rest(db: Db) {
        let server = TestServer::with_settings(whole(db), &[PATIENT]);
        let address = server.serve().await;
        let mut idle = say(address, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let mut beginning = [0; 12];
        idle.read_exact(&mut beginning).await.unwrap();
        assert_eq!(&beginning, b"HTTP/1.1 200");
        server.app.stop.cancel();
        ends(idle).await;
        eventually("nobody listens any more", async || {
            TcpStream::connect(address).await.is_err().then_some(())
        }).await;
    }
}
