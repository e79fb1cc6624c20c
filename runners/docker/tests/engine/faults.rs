//! Images and settings that cannot run: each error is recognized and not retried.

use bollard::query_parameters::RemoveVolumeOptions;
use models::{
    VolumeId,
    deployment::{FailureCode, Fault},
};
use runner_common::{
    InstancePlatform, Retry, RunnerError,
    conformance::{
        App, Harness, Subject,
        harness::{release, release_id},
    },
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    platform::Engine,
    shape::{self, PLAIN, Shape, file, folder, link, spec},
};

/// Returns the code of an error that only people can fix.
fn mistake(result: Result<shape::Made, RunnerError>, says: &str) -> FailureCode {
    let error = result.err().expect("it was started");
    assert_eq!(
        (error.fault, error.retry),
        (Fault::User, Retry::Never),
        "{error}"
    );
    assert!(error.message.contains(says), "{error}");
    error.code
}

/// The head of a program for s390x (`elf(5)`): 64 bits, big-endian.
const OTHER_PROGRAM: &str = "\x7fELF\x02\x02\x01\0\0\0\0\0\0\0\0\0\0\x02\0\x16\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\x38\0\0\0\x40\0\0\0\0";

const FOREIGN: Shape = Shape {
    tag: "shape-other-program-1",
    entries: &[file("app", 0o755, OTHER_PROGRAM)],
    ..PLAIN
};

const SHAPE: Shape = Shape {
    tag: "shape-faults-2",
    entries: &[
        file("script", 0o755, "#!/bin/bash\necho\n"),
        file("windows", 0o755, "#!/bin/sh\r\necho\r\n"),
        file("plain.sh", 0o644, "#!/bin/sh\necho\n"),
        folder("conf", 0o755, 0),
        file("conf/a", 0o644, ""),
        link("loop", "loop"),
    ],
    ..PLAIN
};

#[tokio::test]
async fn an_image_without_a_command_needs_one() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = Shape {
        tag: "shape-no-command-1",
        changes: &[],
        ..PLAIN
    };
    let image = image.make(&engine.docker).await;
    let nothing = shape::create(&engine, &spec(&image, json!({}))).await;
    assert_eq!(
        mistake(nothing, "a program to run"),
        FailureCode::CommandMissing
    );
    let arguments = spec(&image, json!({"arguments": ["/bin/sleep", "1000000"]}));
    let made = shape::start(&engine, &arguments).await.unwrap();
    made.remove(&engine).await;
}

#[tokio::test]
async fn a_path_that_the_image_rules_out_fails_before_the_start() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = SHAPE.make(&engine.docker).await;
    let volume = |path: &str| {
        let volume_id = VolumeId::from_uuid(Uuid::now_v7());
        json!({"volumes": [{"volume_id": volume_id, "path": path}]})
    };
    let config = |path: &str| json!({"config_files": [{"path": path, "content": "a"}]});
    for (more, code, says) in [
        (
            json!({"working_directory": "/text"}),
            FailureCode::WorkingDirectoryInvalid,
            "/text is not a directory",
        ),
        (
            json!({"working_directory": "/text/below"}),
            FailureCode::WorkingDirectoryInvalid,
            "/text is not a directory",
        ),
        (
            config("/conf"),
            FailureCode::ConfigFileRefused,
            "it is a directory",
        ),
        (
            config("/text/below"),
            FailureCode::ConfigFileRefused,
            "/text is not a directory",
        ),
        (
            config("/loop/below/a"),
            FailureCode::ConfigFileRefused,
            "/loop is not a directory",
        ),
        (
            config("/loop"),
            FailureCode::ConfigFileRefused,
            "it is a symbolic link that points to itself",
        ),
        (
            volume("/text"),
            FailureCode::VolumePathInvalid,
            "/text is not a directory",
        ),
        (
            volume("/text/below"),
            FailureCode::VolumePathInvalid,
            "/text is not a directory",
        ),
        (
            json!({"config_files": [{"path": "/a", "content": "", "owner": "nobody"}]}),
            FailureCode::UserNotFound,
            "no user nobody",
        ),
        (
            json!({"resources": {"cpu_millis": 1_000_000}}),
            FailureCode::SettingsRefused,
            "1000 CPUs",
        ),
    ] {
        let spec = spec(&image, more);
        let refused = shape::create(&engine, &spec).await;
        assert_eq!(mistake(refused, says), code, "{spec:?}");
        for mount in spec.volumes {
            let name = format!("berth-{}", mount.volume_id);
            let removed = engine
                .docker
                .remove_volume(&name, None::<RemoveVolumeOptions>);
            removed.await.unwrap();
        }
    }
}

/// Returns code and message of a failed release.
async fn failure(engine: &Engine, more: Value) -> (FailureCode, String) {
    let image = SHAPE.make(&engine.docker).await;
    let mut harness = Harness::start(engine).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Mute, None);
    app.release = Some(release(spec(&image, more)));
    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    let failure = reports.last().unwrap().failure.clone();
    let failure = failure.unwrap_or_else(|| panic!("it works: {app:?}"));
    assert_eq!(failure.fault, Fault::User, "{failure:?}");
    harness.finish(link, &[&app]).await;
    (failure.code, failure.message)
}

#[tokio::test]
async fn a_program_that_cannot_be_run_is_known_from_an_app_that_ended() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    for (more, code, says) in [
        (
            json!({"entrypoint": ["/nope"]}),
            FailureCode::CommandNotRunnable,
            "no program /nope",
        ),
        (
            json!({"entrypoint": ["nope"]}),
            FailureCode::CommandNotRunnable,
            "in its PATH",
        ),
        (
            json!({"entrypoint": ["/conf"]}),
            FailureCode::CommandNotRunnable,
            "/conf is a directory",
        ),
        (
            json!({"entrypoint": ["/plain.sh"]}),
            FailureCode::CommandNotRunnable,
            "chmod +x",
        ),
        (
            json!({"entrypoint": ["/script"]}),
            FailureCode::CommandNotRunnable,
            "a script for /bin/bash",
        ),
        (
            json!({"entrypoint": ["/windows"]}),
            FailureCode::CommandNotRunnable,
            "Windows line endings",
        ),
        (
            json!({"user": "nobody"}),
            FailureCode::UserNotFound,
            "no user nobody",
        ),
        (
            json!({"user": "app:nogroup"}),
            FailureCode::UserNotFound,
            "no group nogroup",
        ),
        // These are the app's own failures.
        (
            json!({"arguments": ["exit 127"], "restart": "never"}),
            FailureCode::AppExited,
            "code 127",
        ),
    ] {
        let (found, message) = failure(&engine, more.clone()).await;
        assert_eq!(found, code, "{more}: {message}");
        assert!(message.contains(says), "{more}: {message}");
        assert!(!message.contains("tini"), "{message}");
    }
}

#[tokio::test]
async fn an_image_for_another_processor_is_refused_before_it_is_started() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = Shape {
        tag: "shape-other-processor-2",
        platform: "linux/s390x",
        ..PLAIN
    };
    let image = image.make(&engine.docker).await;
    let version = engine.docker.version().await.unwrap();
    let own = format!("linux/{}", version.arch.unwrap());
    let refused = shape::create(&engine, &spec(&image, json!({}))).await;
    let says = format!("built for linux/s390x, but the runner's host is {own}");
    assert_eq!(mistake(refused, &says), FailureCode::ImagePlatformMismatch);
}

#[tokio::test]
async fn a_program_for_another_processor_is_known_whatever_its_image_says() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = FOREIGN.make(&engine.docker).await;
    let made = shape::start(&engine, &spec(&image, json!({"entrypoint": ["/app"]}))).await;
    let runner = engine.runner().await;
    let error = match made {
        Ok(made) => {
            let found = runner.explain_exit(&made.key, 127).await;
            made.remove(&engine).await;
            found.expect("it is explained")
        }
        Err(error) => error,
    };
    assert_eq!(
        (error.code.clone(), error.fault),
        (FailureCode::ImagePlatformMismatch, Fault::User)
    );
    assert!(error.message.contains("built for linux/s390x"), "{error}");
}
