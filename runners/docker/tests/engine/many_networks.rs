//! The number of private networks on one engine.

use std::time::Instant;

use futures::{StreamExt, TryStreamExt, stream};

use crate::platform::Engine;
use crate::private_networks::{TestRunner, environment, named};

/// Number of environments that one engine must have room for.
const MANY: u128 = 200;
/// Number of them that are created at a time, as the loop does.
const AT_ONCE: usize = 5;

#[tokio::test]
async fn two_hundred_environments_fit_on_one_engine() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::with_pool("10.202.0.0/17").await;
    let begun = Instant::now();
    let creating = (0..MANY).map(|number| {
        let place = named(environment(number), "api");
        runner.create(&engine, place)
    });
    let creating = stream::iter(creating).buffered(AT_ONCE);
    let mut apps: Vec<_> = creating.try_collect().await.unwrap();
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
