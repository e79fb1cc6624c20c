//! Configuration files, put into a container before it starts.

use std::{
    collections::HashSet,
    time::{SystemTime, UNIX_EPOCH},
};

use bollard::{
    Docker, body_full, errors::Error, query_parameters::UploadToContainerOptionsBuilder,
};
use models::{deployment::FailureCode, runner::RunnerFile, value::FileMode};
use runner_common::RunnerError;

use crate::{
    container_fs::{ContainerFs, Kind, users::Ids},
    error, guard,
};

/// Mode of a file: readable by everyone in the container.
///
/// Any user may run the app. Only root may change the file.
const MODE: u32 = 0o644;

/// Mode of folders that are made for a file.
const FOLDER_MODE: u32 = 0o755;

/// Puts the files into a container that does not run yet.
///
/// Missing parent folders belong to the owner of the first file below them, since apps keep
/// more beside their settings.
///
/// # Errors
/// When a path cannot be a file's in this image, an owner does not exist in it, or the engine
/// does not answer.
pub(crate) async fn put(
    docker: &Docker,
    container: &str,
    files: &[RunnerFile],
) -> Result<(), RunnerError> {
    if files.is_empty() {
        return Ok(());
    }
    guard::check_files(files)?;
    let container_fs = ContainerFs::of(docker, container);
    let mut archive = Archive::new();
    let mut made = HashSet::new();
    for file in files {
        let path = file.path.as_str();
        check_place(container_fs, path).await?;
        let owner = match &file.owner {
            Some(owner) => container_fs.ids(owner.as_str()).await?,
            None => Ids::default(),
        };
        let place = behind_links(container_fs, path).await?;
        let mut missing = missing_folders(container_fs, &place).await?;
        missing.retain(|folder| made.insert(folder.clone()));
        let added = missing
            .iter()
            .try_for_each(|folder| archive.folder(folder, FOLDER_MODE, owner))
            .and_then(|()| archive.file(&place, file, owner));
        added.map_err(|error| refused(path, &error.to_string()))?;
    }
    archive.upload(docker, container).await
}

/// Resolves the links in the folder of a path.
///
/// Engine 29.7 does not follow them when it unpacks an archive
/// (<https://github.com/moby/moby/issues/53258>).
async fn behind_links(container_fs: ContainerFs<'_>, path: &str) -> Result<String, RunnerError> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = container_fs.canonical(folder).await?;
    Ok(format!("{folder}/{name}"))
}

/// Returns the missing folders above a path, outermost first.
async fn missing_folders(
    container_fs: ContainerFs<'_>,
    path: &str,
) -> Result<Vec<String>, RunnerError> {
    let mut missing = Vec::new();
    let mut below = path;
    while let Some((folder, _)) = below.rsplit_once('/')
        && !folder.is_empty()
        && container_fs.is_missing(folder).await?
    {
        missing.push(folder.to_owned());
        below = folder;
    }
    missing.reverse();
    Ok(missing)
}

/// Checks that a path is a file or unused, and that its parents are folders.
async fn check_place(container_fs: ContainerFs<'_>, path: &str) -> Result<(), RunnerError> {
    match container_fs.kind(path).await {
        Ok(None | Some(Kind::File { .. })) => Ok(()),
        Ok(Some(Kind::Folder)) => Err(refused(path, "it is a directory in the image")),
        Ok(Some(Kind::Special)) => Err(refused(path, "it is a device or socket in the image")),
        // The engine fails to look below something that is not a folder, and behind a link to
        // itself.
        Err(error) => Err(match container_fs.blocker(path).await {
            Ok(Some(part)) if part == path => {
                refused(path, "it is a symbolic link that points to itself")
            }
            Ok(Some(part)) => refused(path, &format!("{part} is not a directory in the image")),
            _ => error,
        }),
    }
}

fn refused(path: &str, why: &str) -> RunnerError {
    RunnerError::user(
        FailureCode::ConfigFileRefused,
        format!(
            "The configuration file {path} cannot be placed there: {why}. Choose another path."
        ),
    )
}

/// Files and folders to put into a container at once.
pub(crate) struct Archive {
    archive: tar::Builder<Vec<u8>>,
    now: u64,
}

impl Archive {
    /// Creates an empty archive. Its entries get the current time.
    pub(crate) fn new() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "files are dated by this machine's clock, as any program would date them"
        )]
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            archive: tar::Builder::new(Vec::new()),
            now: now.map_or(0, |now| now.as_secs()),
        }
    }

    fn file(&mut self, path: &str, file: &RunnerFile, owner: Ids) -> std::io::Result<()> {
        let content = file.content.as_str().as_bytes();
        let mode = file.mode.as_ref().map_or(MODE, FileMode::bits);
        let mut header = self.header(tar::EntryType::Regular, mode, owner);
        header.set_size(content.len() as u64);
        self.archive
            .append_data(&mut header, relative(path), content)
    }

    /// Adds a folder; an existing one gets this mode and this owner.
    pub(crate) fn folder(&mut self, path: &str, mode: u32, owner: Ids) -> std::io::Result<()> {
        let mut header = self.header(tar::EntryType::Directory, mode, owner);
        header.set_size(0);
        self.archive
            .append_data(&mut header, relative(path), &[][..])
    }

    fn header(&self, kind: tar::EntryType, mode: u32, owner: Ids) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(owner.uid);
        header.set_gid(owner.gid);
        header.set_mtime(self.now);
        header
    }

    /// Uploads everything. A folder never becomes a file, nor a file a folder.
    pub(crate) async fn upload(self, docker: &Docker, container: &str) -> Result<(), RunnerError> {
        let archive = self.archive.into_inner().map_err(RunnerError::host)?;
        let options = UploadToContainerOptionsBuilder::default()
            .path("/")
            .no_overwrite_dir_non_dir("true")
            .build();
        let uploaded = docker
            .upload_to_container(container, Some(options), body_full(archive.into()))
            .await;
        uploaded.map_err(|failed| match failed {
            Error::DockerResponseServerError {
                status_code: 400, ..
            } => {
                let message = "The configuration files could not be copied into the container. Check their \
                     paths.";
                RunnerError::user(FailureCode::ConfigFileRefused, message).with_source(failed)
            }
            failed => error::refused(failed),
        })
    }
}

fn relative(path: &str) -> &str {
    path.trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use models::{
        runner::RunnerFile,
        value::{ContainerPath, FileContent, FileMode},
    };

    use super::{Archive, Ids};

    fn file(path: &str, content: &str) -> RunnerFile {
        RunnerFile::new(
            ContainerPath::new(path).unwrap(),
            FileContent::trusted(content),
        )
    }

    #[test]
    fn files_stand_where_they_belong_however_long_the_way() {
        let long = format!("/etc/{}/a.toml", "folder/".repeat(40).trim_end_matches('/'));
        let mut archive = Archive::new();
        for file in [file("/etc/a", "1"), file(&long, "2")] {
            archive
                .file(file.path.as_str(), &file, Ids::default())
                .unwrap();
        }
        let made = archive.archive.into_inner().unwrap();
        let mut read = Vec::new();
        for entry in tar::Archive::new(made.as_slice()).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            read.push((format!("/{path}"), content));
        }
        assert_eq!(
            read,
            [
                ("/etc/a".to_owned(), "1".to_owned()),
                (long, "2".to_owned())
            ]
        );
    }

    #[test]
    fn a_file_has_its_mode_its_owner_and_todays_date() {
        let ids = Ids {
            uid: 1000,
            gid: 1001,
        };
        let mut archive = Archive::new();
        let plain = file("/plain", "");
        archive.file("/plain", &plain, Ids::default()).unwrap();
        let mut script = file("/run.sh", "");
        script.mode = Some(FileMode::new("0755").unwrap());
        archive.file("/run.sh", &script, ids).unwrap();
        archive.folder("/data", 0o750, ids).unwrap();
        let now = archive.now;
        let made = archive.archive.into_inner().unwrap();
        let entries = tar::Archive::new(made.as_slice())
            .entries()
            .unwrap()
            .count();
        assert_eq!(entries, 3);
        let mut made = tar::Archive::new(made.as_slice());
        let read: Vec<_> = made
            .entries()
            .unwrap()
            .map(|entry| {
                let header = entry.unwrap().header().clone();
                assert_eq!(header.mtime().unwrap(), now);
                (
                    header.mode().unwrap(),
                    header.uid().unwrap(),
                    header.gid().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            read,
            [(0o644, 0, 0), (0o755, 1000, 1001), (0o750, 1000, 1001)]
        );
        assert!(now > 1_700_000_000, "{now}");
    }
}
