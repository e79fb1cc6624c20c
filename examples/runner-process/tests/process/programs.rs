//! Programs that may run, and programs that may not.

use std::{fs, time::Duration};

use futures::TryStreamExt;
use models::{
    deployment::{FailureCode, Fault},
    runner::RunnerSpec,
    value::{Argument, ImageDigest, ImageReference},
};
use runner_common::{Exec, InstancePlatform, InstanceSpec, PullProgress, Retry, RunnerError};

use crate::host::{TestHost, ended, lines, new_key, start};

async fn pull(
    host: &TestHost,
    image: &str,
    digest: Option<&ImageDigest>,
) -> Result<ImageDigest, RunnerError> {
    let (progress, _) = PullProgress::new();
    let image = ImageReference::trusted(image);
    host.process_runner()
        .pull(&image, digest, None, &progress)
        .await
        .map(|ready| ready.digest)
}

#[tokio::test]
async fn no_name_leads_out_of_the_folder_of_programs() {
    let host = TestHost::new();
    fs::write(host.path("secret"), "").unwrap();
    let absolute = format!("process/{}", host.path("secret").display());
    for image in [
        "process/../secret",
        "process/bin/../../secret",
        "process/",
        "process/.",
        "process/bin",
        "process",
        "app",
        "other/app",
        absolute.as_str(),
    ] {
        let error = pull(&host, image, None).await.unwrap_err();
        assert_eq!(
            (error.code.clone(), error.fault),
            (FailureCode::ImageNotFound, Fault::User),
            "{image}"
        );
    }
    assert!(pull(&host, "process/bin/true", None).await.is_ok());
}

#[tokio::test]
async fn a_digest_means_the_program_as_it_was_then() {
    let host = TestHost::new();
    let runner = host.process_runner();
    let image = host.script("app-2", "echo one");
    let first = pull(&host, image.as_str(), None).await.unwrap();
    host.script("app-2", "echo two");
    let second = pull(&host, image.as_str(), None).await.unwrap();
    assert_ne!(first, second);
    let pinned = format!("{image}@{first}");
    assert_eq!(pull(&host, &pinned, None).await.unwrap(), first);
    for (digest, printed) in [(first, b"one"), (second, b"two")] {
        assert_eq!(
            pull(&host, image.as_str(), Some(&digest)).await.unwrap(),
            digest
        );
        let (key, spec) = (new_key(), RunnerSpec::of_image(image.clone()));
        let instance = InstanceSpec {
            key,
            spec,
            image_digest: digest,
            expected_volumes: Vec::new(),
            network: None,
        };
        runner.create(&instance).await.unwrap();
        runner.start(&key).await.unwrap();
        ended(&runner, &key).await;
        assert_eq!(lines(&runner, &key).await[0].bytes, printed);
    }
    let other = ImageDigest::sha256([0; 32]);
    let error = pull(&host, image.as_str(), Some(&other)).await.unwrap_err();
    assert_eq!(error.code, FailureCode::ImageNotFound);
}

#[tokio::test]
async fn the_digest_is_the_one_that_other_programs_see() {
    let host = TestHost::new();
    fs::write(host.path("programs/empty"), "").unwrap();
    assert_eq!(
        pull(&host, "process/empty", None).await.unwrap().as_str(),
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[tokio::test]
async fn a_command_begins_with_the_one_program_that_the_image_has() {
    let host = TestHost::new();
    let mut spec = RunnerSpec::of_image(ImageReference::trusted("process/app"));
    spec.entrypoint = vec![Argument::trusted("/bin/sh")];
    let image_digest = pull(&host, "process/app", None).await.unwrap();
    let instance = InstanceSpec {
        key: new_key(),
        spec,
        image_digest,
        expected_volumes: Vec::new(),
        network: None,
    };
    let error = host.process_runner().create(&instance).await.unwrap_err();
    assert_eq!(
        (error.code.clone(), error.fault),
        (FailureCode::CommandNotFound, Fault::User)
    );
}

#[tokio::test]
async fn a_file_that_is_not_executable_is_a_user_error() {
    let host = TestHost::new();
    fs::write(host.path("programs/text"), "hello").unwrap();
    let runner = host.process_runner();
    let image_digest = pull(&host, "process/text", None).await.unwrap();
    let (key, spec) = (
        new_key(),
        RunnerSpec::of_image(ImageReference::trusted("process/text")),
    );
    let instance = InstanceSpec {
        key,
        spec,
        image_digest,
        expected_volumes: Vec::new(),
        network: None,
    };
    runner.create(&instance).await.unwrap();
    let error = runner.start(&key).await.unwrap_err();
    assert_eq!(
        (error.code.clone(), error.retry),
        (FailureCode::CommandNotRunnable, Retry::Never)
    );
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn programs_beside_an_app_end_in_time_and_come_from_the_folder() {
    let host = TestHost::new();
    let runner = host.process_runner();
    host.script("says", "echo \"$1\"; echo wrong >&2; exit 4");
    let key = start(
        &runner,
        RunnerSpec::of_image(host.script("mute", "exec sleep 1000")),
    )
    .await;
    let run = async |words: &[&str]| {
        let command = words.iter().copied().map(Argument::trusted).collect();
        let terminal = None;
        runner.exec(&key, Exec { command, terminal }).await
    };
    let session = run(&["/says", "$(id)"]).await.unwrap();
    let said = session.output.try_concat().await.unwrap();
    assert_eq!(said, b"$(id)\nwrong\n");
    assert_eq!(session.control.end().await.unwrap().code, 4);
    for wrong in ["/bin/sh", "../../bin/sh", ""] {
        let error = run(&[wrong]).await.unwrap_err();
        assert_eq!(error.code, FailureCode::CommandNotFound, "{wrong}");
    }
    // A dropped exec does not run on.
    host.script("stays", "echo $$; exec sleep 1000");
    let mut session = run(&["stays"]).await.unwrap();
    let id = session.output.try_next().await.unwrap().unwrap();
    let id = String::from_utf8(id).unwrap();
    drop(session);
    let stat = format!("/proc/{}/stat", id.trim());
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    runner.stop(&key).await.unwrap();
    assert_eq!(
        run(&["says"]).await.unwrap_err().code,
        FailureCode::NotRunning
    );
    runner.remove(&key).await.unwrap();
}
