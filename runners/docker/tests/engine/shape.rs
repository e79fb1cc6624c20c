//! Images with a test's own configuration and files.

use std::io::Read;

use bollard::{
    Docker, body_full,
    query_parameters::{CreateImageOptionsBuilder, ImportImageOptions},
};
use futures::TryStreamExt;
use models::{
    runner::RunnerSpec,
    value::{Argument, ImageReference},
};
use runner_common::{
    Exec, InstanceKey, InstancePlatform, InstanceSpec, PullProgress, RunnerError,
    conformance::Subject,
};
use serde_json::{Value, json};
use tar::{Archive, Builder, EntryType, Header};

use crate::{platform::Engine, policy::new_key};

/// A file, a folder or a link.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) path: &'static str,
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    /// Content of a file; absent for a folder.
    pub(crate) content: Option<&'static str>,
    /// Target of a link.
    pub(crate) target: Option<&'static str>,
}

/// A file that root owns.
pub(crate) const fn file(path: &'static str, mode: u32, content: &'static str) -> Entry {
    Entry {
        path,
        mode,
        uid: 0,
        content: Some(content),
        target: None,
    }
}

/// A folder that a user owns.
pub(crate) const fn folder(path: &'static str, mode: u32, uid: u64) -> Entry {
    Entry {
        path,
        mode,
        uid,
        content: None,
        target: None,
    }
}

/// A link.
pub(crate) const fn link(path: &'static str, target: &'static str) -> Entry {
    Entry {
        path,
        mode: 0o777,
        uid: 0,
        content: None,
        target: Some(target),
    }
}

/// An image with busybox, a user `app`, and what a test adds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Tag, which is the test's own.
    pub(crate) tag: &'static str,
    /// Lines as in a Dockerfile.
    pub(crate) changes: &'static [&'static str],
    pub(crate) entries: &'static [Entry],
    /// Operating system and processor; the host's own when empty.
    pub(crate) platform: &'static str,
    /// Stop signal; the engine's default when empty.
    pub(crate) stop_signal: &'static str,
}

/// The plain image.
pub(crate) const PLAIN: Shape = Shape {
    tag: "shape-plain-1",
    changes: &[
        r#"ENTRYPOINT ["/bin/sh", "-c"]"#,
        r#"CMD ["sleep 1000000"]"#,
    ],
    entries: &[],
    platform: "",
    stop_signal: "",
};

const BASE: [Entry; 3] = [
    file(
        "etc/passwd",
        0o644,
        "root:x:0:0::/:/bin/sh\napp:x:1000:1001::/:/bin/sh\n",
    ),
    file("etc/group", 0o644, "root:x:0:\napp:x:1001:\n"),
    file("text", 0o644, "no program"),
];

/// Returns the files of an archive by their paths.
fn contents(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = Archive::new(archive);
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), content)
    });
    entries.collect()
}

impl Shape {
    /// Creates the image, if it does not exist, and returns its name.
    pub(crate) async fn make(self, docker: &Docker) -> ImageReference {
        let name = ImageReference::new(format!("berth/conformance:{}", self.tag)).unwrap();
        if docker.inspect_image(name.as_str()).await.is_ok() {
            return name;
        }
        let options = CreateImageOptionsBuilder::default()
            .from_src("-")
            .repo("berth/conformance")
            .tag(self.tag)
            .changes(self.changes.iter().map(|&line| line.to_owned()).collect())
            .build();
        docker
            .create_image(Some(options), Some(body_full(self.files().into())), None)
            .try_collect::<Vec<_>>()
            .await
            .expect("the image is imported");
        if !self.platform.is_empty() || !self.stop_signal.is_empty() {
            self.reconfigure(docker, &name).await;
        }
        name
    }

    /// Sets what an import cannot.
    ///
    /// Saves the image, changes its configuration, and loads it.
    async fn reconfigure(self, docker: &Docker, name: &ImageReference) {
        let saved: Vec<_> = docker
            .export_image(name.as_str())
            .try_collect()
            .await
            .expect("the image is saved");
        let saved = contents(&saved.concat());
        let content = |path: &str| &saved.iter().find(|(found, _)| found == path).unwrap().1;
        let manifest: Value = serde_json::from_slice(content("manifest.json")).unwrap();
        let config = manifest[0]["Config"].as_str().unwrap();
        let mut changed: Value = serde_json::from_slice(content(config)).unwrap();
        if let Some((os, architecture)) = self.platform.split_once('/') {
            changed["os"] = json!(os);
            changed["architecture"] = json!(architecture);
        }
        if !self.stop_signal.is_empty() {
            changed["config"]["StopSignal"] = json!(self.stop_signal);
        }
        let mut archive = Builder::new(Vec::new());
        for (path, content) in &saved {
            let is_layer = manifest[0]["Layers"]
                .as_array()
                .unwrap()
                .contains(&json!(path));
            let content = match path.as_str() {
                "manifest.json" => content.clone(),
                path if path == config => changed.to_string().into_bytes(),
                _ if is_layer => content.clone(),
                _ => continue,
            };
            let mut header = Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(content.len() as u64);
            archive
                .append_data(&mut header, path, content.as_slice())
                .unwrap();
        }
        let archive = body_full(archive.into_inner().unwrap().into());
        docker
            .import_image(ImportImageOptions::default(), archive, None)
            .try_collect::<Vec<_>>()
            .await
            .expect("the image is loaded");
    }

    fn files(self) -> Vec<u8> {
        let busybox = std::fs::read("/bin/busybox").expect("busybox-static is installed");
        let mut archive = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(busybox.len() as u64);
        archive
            .append_data(&mut header, "bin/busybox", busybox.as_slice())
            .unwrap();
        for program in ["sh", "cat", "id", "ls", "sleep", "stat", "touch"] {
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Symlink);
            header.set_size(0);
            archive
                .append_link(&mut header, format!("bin/{program}"), "busybox")
                .unwrap();
        }
        for entry in BASE.iter().chain(self.entries) {
            let content = entry.content.unwrap_or_default().as_bytes();
            let mut header = Header::new_gnu();
            if entry.content.is_none() {
                header.set_entry_type(EntryType::Directory);
            }
            header.set_mode(entry.mode);
            header.set_uid(entry.uid);
            header.set_gid(entry.uid);
            header.set_size(content.len() as u64);
            if let Some(target) = entry.target {
                header.set_entry_type(EntryType::Symlink);
                archive
                    .append_link(&mut header, entry.path, target)
                    .unwrap();
                continue;
            }
            archive
                .append_data(&mut header, entry.path, content)
                .unwrap();
        }
        archive.into_inner().unwrap()
    }
}

/// Builds a specification of an image from its JSON.
pub(crate) fn spec(image: &ImageReference, mut more: serde_json::Value) -> RunnerSpec {
    more["image"] = serde_json::json!(image.as_str());
    serde_json::from_value(more).unwrap()
}

/// An instance that was created.
pub(crate) struct Made {
    pub(crate) key: InstanceKey,
    pub(crate) spec: RunnerSpec,
}

/// Pulls and creates as the loop does; removes a half-made instance on failure.
pub(crate) async fn create(engine: &Engine, spec: &RunnerSpec) -> Result<Made, RunnerError> {
    let runner = engine.runner().await;
    let (progress, _) = PullProgress::new();
    let ready = runner.pull(&spec.image, None, None, &progress).await?;
    let key = new_key();
    let instance = InstanceSpec {
        key,
        spec: spec.clone(),
        image_digest: ready.digest,
        expected_volumes: Vec::new(),
        network: None,
    };
    let created = runner.create(&instance).await;
    if created.is_err() {
        runner.remove(&key).await.unwrap();
    }
    created.map(|()| Made {
        key,
        spec: spec.clone(),
    })
}

/// Creates an instance and starts it.
pub(crate) async fn start(engine: &Engine, spec: &RunnerSpec) -> Result<Made, RunnerError> {
    let made = Box::pin(create(engine, spec)).await?;
    let runner = engine.runner().await;
    let started = Box::pin(runner.start(&made.key)).await;
    if started.is_err() {
        made.remove(engine).await;
    }
    started.map(|()| made)
}

impl Made {
    /// Removes it with its volumes.
    pub(crate) async fn remove(&self, engine: &Engine) {
        let runner = engine.runner().await;
        runner.remove(&self.key).await.unwrap();
        for mount in &self.spec.volumes {
            let owner = self.key.runner_id;
            runner.remove_volume(owner, mount.volume_id).await.unwrap();
        }
    }
}

/// Returns the output of a program in an instance.
pub(crate) async fn output(engine: &Engine, made: &Made, command: &[&str]) -> String {
    let exec = Exec {
        command: command.iter().copied().map(Argument::trusted).collect(),
        terminal: None,
    };
    let runner = engine.runner().await;
    let session = runner.exec(&made.key, exec).await.unwrap();
    let bytes = session.output.try_concat().await.unwrap();
    String::from_utf8(bytes).unwrap().trim().to_owned()
}
