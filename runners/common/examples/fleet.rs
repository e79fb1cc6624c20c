//! Many runners in one process, each with a platform in memory, to load a server.
//!
//! ```sh
//! cargo run --release -p runner-common --features conformance --example fleet -- \
//!     http://localhost:3000 < tokens
//! ```
//!
//! Standard input has one token a line. All runners begin at once when it ends, and run until
//! the process is stopped.

use std::{error::Error, io};

use futures::future::join_all;
use models::{runner::HostPolicy, value::SecretText};
use runner_common::{
    Options, Timings,
    conformance::fake::{FakePlatform, FakeRunner},
    run,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A link is a file, and most systems start programs with 1,024 of them.
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, all)?;
    let server = std::env::args()
        .nth(1)
        .ok_or("the server's address is missing")?;
    let tokens: Vec<String> = io::stdin().lines().collect::<Result<_, _>>()?;
    let runners = tokens.into_iter().map(|token| {
        let options = Options {
            server_url: server.parse()?,
            token: SecretText::new(token),
            timings: Timings::default(),
            state: None,
            policy: HostPolicy::default(),
        };
        let runner = FakeRunner::new(FakePlatform::default());
        Ok::<_, Box<dyn Error>>(run(runner, options, CancellationToken::new()))
    });
    let runners = runners.collect::<Result<Vec<_>, _>>()?;
    println!("{} runners begin", runners.len());
    for ended in join_all(runners).await {
        ended?;
    }
    Ok(())
}
