//! Packets from apps to their host and beyond.

use std::{net::Ipv4Addr, time::Duration};

use futures::TryStreamExt;
use models::{
    deployment::PublishedPort,
    runner::{AppFirewall, AppReach, HostPolicy},
    value::Argument,
};
use nlink::{Connection, Nftables, netlink::nftables::Family};
use runner_common::{
    Exec, InstanceKey, InstanceNetwork, InstancePlatform, InstanceSpec, Owner, OwnerKey,
    PlatformState, PullProgress,
    conformance::{App, PORT, Subject, harness::answers_at},
};
use runner_docker::{DockerOptions, DockerRunner};
use tokio::time::{sleep, timeout};

use crate::{
    outside_host::{HELLO, Outside, listen_here},
    platform::{Engine, options},
    policy::new_key,
    private_networks::{environment, named},
};

/// Creates a runner whose marks are the same in each run.
///
/// So a run that broke off leaves nothing.
fn runner(reach: AppReach, number: u8) -> DockerRunner {
    let runner = DockerRunner::new(DockerOptions {
        policy: HostPolicy {
            app_reach: reach,
            ..options().policy
        },
        ..DockerOptions::default()
    });
    let key = [b"of the tests of the firewall".as_slice(), &[number]].concat();
    runner.set_owner(Owner::new(OwnerKey::from_secret(&key)));
    runner
}

async fn firewall(runner: &DockerRunner) -> AppFirewall {
    runner.fingerprint().await.unwrap().app_firewall.unwrap()
}

async fn app(
    engine: &Engine,
    runner: &DockerRunner,
    network: Option<InstanceNetwork>,
) -> InstanceKey {
    let spec = App::Web.spec(engine.image(), Some(PORT));
    let (progress, _) = PullProgress::new();
    let pulled = runner
        .pull(&spec.image, None, None, &progress)
        .await
        .unwrap();
    let key = new_key();
    let image_digest = pulled.digest;
    runner
        .create(&InstanceSpec {
            key,
            spec,
            image_digest,
            expected_volumes: Vec::new(),
            network,
        })
        .await
        .unwrap();
    runner.start(&key).await.unwrap();
    key
}

/// Runs a line in the app's shell; returns its output.
async fn shell(runner: &DockerRunner, app: &InstanceKey, line: &str) -> String {
    let command = ["/bin/busybox", "sh", "-c", line]
        .map(Argument::trusted)
        .into();
    let exec = Exec {
        command,
        terminal: None,
    };
    let session = runner.exec(app, exec).await.unwrap();
    let printed = session.output.try_concat().await.unwrap();
    String::from_utf8_lossy(&printed).into_owned()
}

async fn reaches(runner: &DockerRunner, app: &InstanceKey, address: Ipv4Addr, port: u16) -> bool {
    let ask = format!("echo | /bin/busybox nc -w 2 {address} {port}");
    shell(runner, app, &ask).await.contains(HELLO)
}

/// Returns the host's address on the network of apps.
async fn gateway(runner: &DockerRunner, app: &InstanceKey) -> Ipv4Addr {
    let route = shell(runner, app, "/bin/busybox ip route").await;
    let mut words = route.split_whitespace().skip_while(|word| *word != "via");
    words
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or_else(|| panic!("{route}"))
}

/// Returns all runners' firewall tables on this host.
async fn tables() -> Vec<String> {
    let connection = Connection::<Nftables>::new().unwrap();
    let tables = connection.list_tables_in(Family::Inet).await.unwrap();
    let names = tables.into_iter().map(|table| table.name);
    names.filter(|name| name.starts_with("berth-")).collect()
}

/// Waits until no rule is in the way; returns true if that came about.
async fn all_open() -> bool {
    let waiting = async {
        while !tables().await.is_empty() {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(20), waiting).await.is_ok()
}

async fn published(runner: &DockerRunner, app: &InstanceKey) -> Vec<PublishedPort> {
    let listed = runner.instances(app.runner_id).await.unwrap();
    let found = listed.into_iter().find(|instance| instance.key == *app);
    let found = found.unwrap();
    assert_eq!(found.state, PlatformState::Running);
    found.ports
}

/// Checks that an app on a private network reaches no more than other apps.
///
/// The first two probes are the host on that network, so its own network's are tried too.
async fn closed_to_private_networks(
    runner: &DockerRunner,
    app: &InstanceKey,
    probes: &[(Ipv4Addr, u16)],
) {
    let own = gateway(runner, app).await;
    let to_host = probes[..2].iter().map(|(_, port)| (own, *port));
    for (address, port) in to_host.chain(probes[..3].iter().copied()) {
        let reached = reaches(runner, app, address, port).await;
        assert!(!reached, "{address}:{port}");
    }
    for (address, port) in &probes[3..] {
        assert!(reaches(runner, app, *address, *port).await, "{address}");
    }
    let found = published(runner, app).await;
    assert!(answers_at(&found).await, "its published port");
}

#[tokio::test]
async fn apps_reach_neither_their_host_nor_a_metadata_service_and_all_else_works() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let everything = AppReach {
        host: true,
        metadata: true,
        ..AppReach::default()
    };
    let outside = Outside::new();
    let (port, other_port) = (listen_here(), listen_here());
    let (outside_port, outside_dns) = (outside.listen(), outside.listen());

    let open = runner(everything.clone(), 1);
    assert_eq!(firewall(&open).await, AppFirewall::Open);
    assert_eq!(
        firewall(&runner(everything.clone(), 2)).await,
        AppFirewall::Open
    );
    let private = app(&engine, &open, Some(named(environment(1), "api"))).await;
    let app = app(&engine, &open, None).await;
    let gateway = gateway(&open, &app).await;
    let probes = [
        (gateway, port),
        (gateway, other_port),
        (outside.metadata, outside_port),
        (outside.address, outside_port),
        (outside.address, outside_dns),
    ];
    // Otherwise the refusals below would mean nothing.
    if all_open().await {
        for (address, port) in probes {
            assert!(
                reaches(&open, &app, address, port).await,
                "{address}:{port}"
            );
        }
    } else {
        eprintln!("another runner closes this machine: {:?}", tables().await);
    }

    let closed = runner(AppReach::default(), 1);
    assert_eq!(firewall(&closed).await, AppFirewall::Closed);
    let opened = async |runner: &DockerRunner| {
        let mut opened = Vec::new();
        for (address, port) in probes {
            opened.push(reaches(runner, &app, address, port).await);
        }
        opened
    };
    assert_eq!(opened(&closed).await, [false, false, false, true, true]);
    closed_to_private_networks(&closed, &private, &probes).await;
    assert!(
        answers_at(&published(&closed, &app).await).await,
        "its port"
    );
    let named = shell(
        &closed,
        &app,
        "/bin/busybox nslookup $(hostname) 127.0.0.11",
    )
    .await;
    assert!(named.contains("Name:"), "its nameserver: {named}");

    // A second runner on the engine with a laxer policy opens nothing.
    let lax = runner(everything.clone(), 2);
    assert_eq!(firewall(&lax).await, AppFirewall::Open);
    assert!(!reaches(&closed, &app, gateway, port).await);

    // Someone flushes all rules; the next listing of instances restores them.
    let own = tables().await;
    let connection = Connection::<Nftables>::new().unwrap();
    for table in &own {
        connection
            .del_table(table.as_str(), Family::Inet)
            .await
            .unwrap();
    }
    closed.instances(app.runner_id).await.unwrap();
    assert!(!tables().await.is_empty());
    assert!(!reaches(&closed, &app, gateway, port).await);

    let ports = AppReach {
        host_ports: vec![port],
        ..AppReach::default()
    };
    let ports = runner(ports, 1);
    assert_eq!(firewall(&ports).await, AppFirewall::Closed);
    assert_eq!(opened(&ports).await[..3], [true, false, false]);

    closed.remove(&private).await.unwrap();
    let unneeded = closed.prune_networks(private.runner_id, &[].into()).await;
    assert_eq!(unneeded.unwrap(), 1);
    let open_again = runner(everything, 1);
    assert_eq!(firewall(&open_again).await, AppFirewall::Open);
    open_again.remove(&app).await.unwrap();
}
