//! A client cannot call an endpoint for which it has no credential.

use models::{
    api::session::GetSession,
    client::{Anonymous, Client, Transport},
    endpoint::Empty,
};

async fn call(transport: impl Transport) {
    let client = Client::new(transport, Anonymous);
    let _ = client.call::<GetSession>(&Empty {}, &Empty {}, &Empty {}).await;
}

fn main() {}
