//! Isolation of containers.

use bollard::{
    container::LogOutput,
    exec::{CreateExecOptions, StartExecResults},
};
use futures::TryStreamExt;
use runner_common::{
    InstanceKey,
    conformance::{App, Harness, PORT},
};

use crate::platform::Engine;

/// Runs a command in a container; returns its output, both streams together.
async fn exec(engine: &Engine, container: &str, command: &[&str]) -> String {
    let options = CreateExecOptions {
        cmd: Some(command.to_vec()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..CreateExecOptions::default()
    };
    let exec = engine.docker.create_exec(container, options).await.unwrap();
    let StartExecResults::Attached { output, .. } =
        engine.docker.start_exec(&exec.id, None).await.unwrap()
    else {
        panic!("it is attached");
    };
    let printed: Vec<LogOutput> = output.try_collect().await.unwrap();
    printed.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_container_has_few_powers_and_can_neither_reach_nor_name_its_neighbours() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let mut containers = Vec::new();
    let mut apps = Vec::new();
    let mut instances = Vec::new();
    for _ in 0..2 {
        let app = harness.workload(App::Web, Some(PORT));
        let (app, instance) = harness.deploy(&mut link, &app).await;
        let key = InstanceKey {
            runner_id: harness.server.runner_id,
            deployment_id: app.deployment_id,
            release_id: instance.release_id,
            instance_id: instance.instance_id,
            attempt: None,
        };
        containers.push(engine.container(&key).await);
        instances.push(instance);
        apps.push(app);
    }

    let status = exec(
        &engine,
        &containers[0],
        &["/bin/busybox", "cat", "/proc/1/status"],
    )
    .await;
    // CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID, NET_BIND_SERVICE; see capabilities(7).
    assert!(status.contains("CapBnd:\t00000000000004eb"), "{status}");
    assert!(status.contains("NoNewPrivs:\t1"), "{status}");

    let neighbour = engine
        .docker
        .inspect_container(&containers[1], None)
        .await
        .unwrap();
    let networks = neighbour.network_settings.unwrap().networks.unwrap();
    let address = networks
        .values()
        .find_map(|n| n.ip_address.clone())
        .unwrap();
    // The engine's nameserver knows all containers on the network, but reveals no owners.
    let lookup = ["/bin/busybox", "nslookup", &address, "127.0.0.11"];
    let named = exec(&engine, &containers[0], &lookup).await;
    assert!(named.contains("name = "), "{named}");
    for id in [
        apps[1].deployment_id.to_string(),
        instances[1].instance_id.to_string(),
    ] {
        let digits = id.rsplit('-').next().unwrap();
        assert!(!named.contains(digits), "{named}");
    }
    let ask =
        format!("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | /bin/busybox nc -w 2 {address} {PORT}");
    let ask = ["/bin/busybox", "sh", "-c", &ask];
    let from_neighbour = exec(&engine, &containers[0], &ask).await;
    assert!(!from_neighbour.contains("HTTP/1."), "{from_neighbour}");
    let from_itself = exec(&engine, &containers[1], &ask).await;
    assert!(from_itself.contains(" 200 OK"), "{from_itself}");

    harness.finish(link, &[&apps[0], &apps[1]]).await;
}
