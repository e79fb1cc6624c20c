//! The replay suite on a real engine.
//!
//! Text that people type arrives in the container byte for byte, and appears nowhere else.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::{StreamExt, TryStreamExt};
use models::{
    runner::{RunnerFile, RunnerSpec, RunnerVariable},
    value::{Argument, ContainerPath, EnvironmentName, EnvironmentValue, FileContent},
};
use runner_common::{
    Exec, InstanceKey, InstancePlatform, InstanceSpec, LogStart, PullProgress, conformance::Subject,
};
use uuid::Uuid;

use crate::platform::Engine;

/// Texts that mean something to shells, option parsers, paths or terminals.
///
/// Template engines are among them too.
const TEXTS: [&str; 28] = [
    "$(id)",
    "`id`",
    "; id",
    "| id",
    "&& id",
    "> /etc/passwd",
    "'; id; '",
    "\" id \"",
    "\\",
    "*",
    "~root",
    "${PATH}",
    "-rf",
    "--privileged",
    "--",
    "",
    " a ",
    "a\nb",
    "a\r\nb",
    "\t",
    "A=B",
    "../../etc/passwd",
    "\u{1b}[2J",
    "\u{202e}gpj",
    "é",
    "💣",
    "{{.ID}}",
    "\u{7f}",
];
/// A secret that only its own container has.
///
/// Nothing else that the host's users can see holds it.
const CANARY: &str = "canary-6d1f";
const FOLDER: &str = "/srv/$(id);'\" a";
const FILE: &str = "/etc/`id` ../*";

/// Prints its own command line, as the kernel has it.
const SHOW: &str = "cat /proc/$$/cmdline | /bin/busybox base64 -w 0; echo; \
    cat /proc/$$/environ | /bin/busybox base64 -w 0; echo; pwd; exec /bin/busybox sleep 1000000";

fn spec(engine: &Engine) -> RunnerSpec {
    let start = ["/bin/busybox", "sh", "-c", SHOW];
    let values = TEXTS.iter().chain([&CANARY]).enumerate();
    RunnerSpec {
        entrypoint: start.map(Argument::trusted).into(),
        arguments: TEXTS.map(Argument::trusted).into(),
        environment: values
            .map(|(number, text)| {
                let name = EnvironmentName::trusted(format!("TEXT_{number}"));
                RunnerVariable::new(name, EnvironmentValue::trusted(*text))
            })
            .collect(),
        working_directory: Some(ContainerPath::new(FOLDER).unwrap()),
        config_files: vec![RunnerFile::new(
            ContainerPath::new(FILE).unwrap(),
            FileContent::trusted(TEXTS.join("\n")),
        )],
        ..RunnerSpec::of_image(engine.image())
    }
}

#[tokio::test]
async fn a_container_gets_arguments_variables_and_files_byte_for_byte_and_its_labels_none() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = engine.runner().await;
    let spec = spec(&engine);
    let (progress, _) = PullProgress::new();
    let image_digest = runner
        .pull(&spec.image, None, None, &progress)
        .await
        .unwrap()
        .digest;
    let key = InstanceKey {
        runner_id: Uuid::now_v7().into(),
        deployment_id: Uuid::now_v7().into(),
        release_id: Uuid::now_v7().into(),
        instance_id: Uuid::now_v7().into(),
        attempt: None,
    };
    let instance = InstanceSpec {
        key,
        spec: spec.clone(),
        image_digest,
        expected_volumes: Vec::new(),
        network: None,
    };
    runner.create(&instance).await.unwrap();
    runner.start(&key).await.unwrap();

    let lines = runner.logs(&key, LogStart::BEGINNING).take(3);
    let lines: Vec<_> = lines.try_collect().await.unwrap();
    let arguments = STANDARD.decode(&lines[0].bytes).unwrap();
    let words = spec.entrypoint.iter().chain(&spec.arguments);
    let expected: Vec<u8> = words
        .flat_map(|a| [a.as_str().as_bytes(), b"\0"].concat())
        .collect();
    assert_eq!(arguments, expected);
    let environment = STANDARD.decode(&lines[1].bytes).unwrap();
    let variables: Vec<&[u8]> = environment.split(|byte| *byte == 0).collect();
    for variable in &spec.environment {
        let expected = format!("{}={}", variable.name, variable.value.as_str());
        assert!(
            variables.contains(&expected.as_bytes()),
            "{expected:?} is not there"
        );
    }
    assert_eq!(lines[2].bytes, FOLDER.as_bytes());
    let command = ["/bin/cat", FILE].map(Argument::trusted).into();
    let session = runner
        .exec(
            &key,
            Exec {
                command,
                terminal: None,
            },
        )
        .await
        .unwrap();
    assert_eq!(
        session.output.try_concat().await.unwrap(),
        TEXTS.join("\n").as_bytes()
    );

    // Names and labels are made of ids and numbers; only the container's own environment has
    // values.
    let container = engine.container(&key).await;
    let mut seen = engine
        .docker
        .inspect_container(&container, None)
        .await
        .unwrap();
    let labels = seen
        .config
        .as_ref()
        .and_then(|config| config.labels.clone())
        .unwrap();
    for (label, value) in &labels {
        assert!(label.starts_with("dev.berth."), "{label}={value}");
        let is_plain = value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-[]{}:,\"_".contains(&b));
        assert!(is_plain, "{label}={value}");
    }
    let environment = seen
        .config
        .as_mut()
        .and_then(|config| config.env.take())
        .unwrap();
    assert!(environment.iter().any(|variable| variable.contains(CANARY)));
    let rest = serde_json::to_string(&seen).unwrap();
    assert!(!rest.contains(CANARY), "{rest}");
    runner.remove(&key).await.unwrap();
}
