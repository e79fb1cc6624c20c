//! The number of private networks on one engine.

use std::time::Instant;

use models::{deployment::FailureCode, runner::HostPolicy, value::NetworkPool};
use runner_docker::DockerOptions;

use crate::platform::{Engine, options};
use crate::private_networks::{TestRunner, environment, named};

/// Number of environments that one engine must have room for.
const MANY: u128 = 200;

fn with_pool(pool: &str) -> TestRunner {
    TestRunner::new(DockerOptions {
        policy: HostPolicy {
            network_pool: Some(NetworkPool::new(pool).unwrap()),
            ..options().policy
        },
        ..options()
    })
}

#[tokio::test]
async fn two_hundred_environments_fit_on_one_engine() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = with_pool("10.202.0.0/17");
    let begun = Instant::now();
    let mut apps = Vec::new();
    for number in 0..MANY {
        let place = named(environment(number), "api");
        apps.push(runner.create(&engine, place).await.unwrap());
    }
    eprintln!("{MANY} environments took {:?}", begun.elapsed());
    // The last one works like the first.
    let last = environment(MANY - 1);
    let web = runner.app(&engine, named(last, "web")).await;
    runner.start(apps.last().unwrap()).await;
    assert!(runner.finds(&web, "api").await);
    apps.push(web);
    runner.remove(&apps).await;
    eprintln!("and with their removal {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_pool_without_free_addresses_says_so_and_recovers() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = with_pool("10.203.0.0/24");
    let first = runner.create(&engine, named(environment(1), "api")).await;
    let second = runner.create(&engine, named(environment(2), "api")).await;
    let (first, second) = (first.unwrap(), second.unwrap());
    let refused = runner.create(&engine, named(environment(3), "api")).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, FailureCode::NetworkPoolExhausted);
    assert!(refused.message.contains("network_pool"), "{refused}");
    // An environment that has its network needs no other.
    let beside = runner.create(&engine, named(environment(1), "web")).await;
    let beside = beside.unwrap();

    runner.remove(&[second]).await;
    let third = runner.create(&engine, named(environment(3), "api")).await;
    runner.remove(&[first, beside, third.unwrap()]).await;
}
