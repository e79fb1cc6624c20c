//! The files of a container, read through the engine's archive API.
//!
//! It works on containers that never ran, and follows links no further than the container's own
//! root.

pub(crate) mod users;

use std::io::Read;

use bollard::{
    Docker,
    errors::Error,
    query_parameters::{ContainerArchiveInfoOptionsBuilder, DownloadFromContainerOptionsBuilder},
};
use futures::StreamExt;
use runner_common::RunnerError;

use crate::error;

/// Folder bit in Go's numbering of modes (`io/fs.FileMode`), which the engine uses.
const IS_FOLDER: u32 = 1 << 31;
const IS_LINK: u32 = 1 << 27;
/// Bits of named pipes, sockets and devices.
const IS_SPECIAL: u32 = 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21;
const MAY_EXECUTE: u32 = 0o111;

/// Most links to follow. The engine resolves links to links; this bounds new requests.
const MAX_LINKS: usize = 8;

/// Room for an archive's headers before a file's content. Long names have their own.
const HEADERS: usize = 8 * 1024;

/// The files of one container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContainerFs<'a> {
    docker: &'a Docker,
    container: &'a str,
}

/// Kind of the object at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Folder,
    File { is_executable: bool },
    Special,
}

/// A folder, as an archive describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    pub(crate) uid: u64,
    pub(crate) mode: u32,
    pub(crate) is_empty: bool,
}

impl<'a> ContainerFs<'a> {
    pub(crate) const fn of(docker: &'a Docker, container: &'a str) -> Self {
        Self { docker, container }
    }

    /// False when the engine cannot reach the container's files, whatever the path.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub(crate) async fn is_readable(&self) -> Result<bool, RunnerError> {
        match self.stat("/").await {
            Ok(_) => Ok(true),
            Err(failed) if error::has_status(&failed, 500) => Ok(false),
            Err(failed) => Err(error::refused(failed)),
        }
    }

    /// Resolves the links in every part of a path; parts that do not exist are kept.
    ///
    /// # Errors
    /// When the engine refuses or does not answer.
    pub(crate) async fn canonical(&self, path: &str) -> Result<String, RunnerError> {
        let mut resolved = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let next = format!("{resolved}/{part}");
            let real = self.real_path(&next).await?;
            let real = real.unwrap_or(next);
            // A link to the root folder.
            real.trim_end_matches('/').clone_into(&mut resolved);
        }
        Ok(resolved)
    }

    /// Returns the kind of the object at a path, behind all links; `None` if absent.
    ///
    /// # Errors
    /// When the engine refuses, also for a path below something that is not a folder.
    pub(crate) async fn kind(&self, path: &str) -> Result<Option<Kind>, RunnerError> {
        let found = self.resolve(path).await.map_err(error::refused)?;
        Ok(found.map(|(_, kind)| kind))
    }

    /// Resolves all links of a path; `None` when nothing is there.
    ///
    /// # Errors
    /// When the engine refuses or does not answer.
    pub(crate) async fn real_path(&self, path: &str) -> Result<Option<String>, RunnerError> {
        let found = self.resolve(path).await.map_err(error::refused)?;
        Ok(found.map(|(path, _)| path))
    }

    async fn resolve(&self, path: &str) -> Result<Option<(String, Kind)>, Error> {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            let Some((mode, target)) = self.stat(&path).await? else {
                return Ok(None);
            };
            if mode & IS_LINK == 0 {
                return Ok(Some((path, kind(mode))));
            }
            path = target;
        }
        Ok(None)
    }

    /// True if a path has no object, not even a link.
    ///
    /// # Errors
    /// When the engine refuses or does not answer.
    pub(crate) async fn is_missing(&self, path: &str) -> Result<bool, RunnerError> {
        let found = self.stat(path).await.map_err(error::refused)?;
        Ok(found.is_none())
    }

    /// Returns the mode of the object at a path, and the target of a link.
    async fn stat(&self, path: &str) -> Result<Option<(u32, String)>, Error> {
        let options = ContainerArchiveInfoOptionsBuilder::default()
            .path(path)
            .build();
        let asked = self
            .docker
            .get_container_archive_info(self.container, Some(options));
        match asked.await {
            Ok(found) => Ok(Some((found.file_mode, found.link_target))),
            Err(error) if error::is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the first part of a path, from the root on, that is not a folder.
    ///
    /// `None` when there is none.
    ///
    /// # Errors
    /// When the engine refuses or does not answer.
    pub(crate) async fn blocker(&self, path: &str) -> Result<Option<String>, RunnerError> {
        for (end, _) in path.char_indices().skip(1).filter(|(_, c)| *c == '/') {
            let Some(part) = path.get(..end) else {
                continue;
            };
            match self.folder_or_not(part).await? {
                Some(true) => {}
                Some(false) => return Ok(Some(part.to_owned())),
                None => return Ok(None),
            }
        }
        let is_blocker = self.folder_or_not(path).await? == Some(false);
        Ok(is_blocker.then(|| path.to_owned()))
    }

    /// Returns true for a folder, false for anything else; `None` for nothing.
    ///
    /// A link that leads back to itself is not a folder.
    async fn folder_or_not(&self, path: &str) -> Result<Option<bool>, RunnerError> {
        match self.resolve(path).await {
            Ok(found) => Ok(found.map(|(_, kind)| kind == Kind::Folder)),
            // The engine fails with an internal error. It is not one if the folder around the
            // link can be read.
            Err(failed) if error::has_status(&failed, 500) => {
                let around = path.rsplit_once('/').map_or("", |(around, _)| around);
                let around = if around.is_empty() { "/" } else { around };
                match self.resolve(around).await {
                    Ok(Some((_, Kind::Folder))) => Ok(Some(false)),
                    _ => Err(error::refused(failed)),
                }
            }
            Err(failed) => Err(error::refused(failed)),
        }
    }

    /// Reads the start of a file, at most `limit` bytes; `None` without such a file.
    ///
    /// # Errors
    /// When the engine refuses or does not answer.
    pub(crate) async fn read(
        &self,
        path: &str,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, RunnerError> {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            let Some(bytes) = self.archive(&path, limit + HEADERS).await? else {
                return Ok(None);
            };
            let mut archive = tar::Archive::new(bytes.as_slice());
            let Some(Ok(entry)) = archive.entries().ok().and_then(|mut all| all.next()) else {
                return Ok(None);
            };
            if entry.header().entry_type().is_symlink() {
                let target = entry.link_name().ok().flatten();
                let target = target.map(|target| target.to_string_lossy().into_owned());
                path = beside(&path, &target.unwrap_or_default());
                continue;
            }
            let mut content = Vec::new();
            // The archive may have been cut behind the wanted bytes.
            entry.take(limit as u64).read_to_end(&mut content).ok();
            return Ok(Some(content));
        }
        Ok(None)
    }

    /// Returns the folder at a path; `None` when there is none.
    ///
    /// # Errors
    /// When the engine refuses or does not answer.
    pub(crate) async fn folder(&self, path: &str) -> Result<Option<Folder>, RunnerError> {
        let Some(bytes) = self.archive(path, HEADERS).await? else {
            return Ok(None);
        };
        Ok(folder(&bytes))
    }

    /// Reads the beginning of the archive of a path.
    async fn archive(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, RunnerError> {
        let options = DownloadFromContainerOptionsBuilder::default()
            .path(path)
            .build();
        let parts = self
            .docker
            .download_from_container(self.container, Some(options));
        let mut parts = std::pin::pin!(parts);
        let mut bytes = Vec::new();
        while let Some(part) = parts.next().await {
            match part {
                Ok(part) => bytes.extend_from_slice(&part),
                Err(error) if error::is_missing(&error) => return Ok(None),
                Err(error) => return Err(error::refused(error)),
            }
            if bytes.len() >= limit {
                break;
            }
        }
        Ok(Some(bytes))
    }
}

const fn kind(mode: u32) -> Kind {
    if mode & IS_FOLDER != 0 {
        Kind::Folder
    } else if mode & IS_SPECIAL != 0 {
        Kind::Special
    } else {
        Kind::File {
            is_executable: mode & MAY_EXECUTE != 0,
        }
    }
}

fn folder(archive: &[u8]) -> Option<Folder> {
    let mut archive = tar::Archive::new(archive);
    let mut entries = archive.entries().ok()?;
    let first = entries.next()?.ok()?;
    let header = first.header();
    if !header.entry_type().is_dir() {
        return None;
    }
    let (uid, mode) = (header.uid().ok()?, header.mode().ok()?);
    drop(first);
    Some(Folder {
        uid,
        mode,
        // An unreadable entry of a cut archive still exists.
        is_empty: entries.next().is_none(),
    })
}

/// Returns the target of a link, as seen from the root.
fn beside(link: &str, target: &str) -> String {
    if target.starts_with('/') {
        return target.to_owned();
    }
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/{target}")
}

#[cfg(test)]
mod tests {
    use super::{Folder, Kind, beside, folder, kind};

    #[test]
    fn the_engines_modes_are_understood() {
        // Modes from Docker Engine 20.10: a folder, a program, a text and a device.
        assert_eq!(kind(2_147_484_141), Kind::Folder);
        assert_eq!(
            kind(0o755),
            Kind::File {
                is_executable: true
            }
        );
        assert_eq!(
            kind(420),
            Kind::File {
                is_executable: false
            }
        );
        assert_eq!(kind(69_206_454), Kind::Special);
    }

    #[test]
    fn a_folder_is_empty_when_nothing_follows_it() {
        let entry = |archive: &mut tar::Builder<Vec<u8>>, path: &str, kind| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(0);
            header.set_uid(1000);
            header.set_mode(0o750);
            archive.append_data(&mut header, path, &[][..]).unwrap();
        };
        let mut archive = tar::Builder::new(Vec::new());
        entry(&mut archive, "data/", tar::EntryType::Directory);
        let empty = archive.get_ref().clone();
        entry(&mut archive, "data/a", tar::EntryType::Regular);
        let full = archive.into_inner().unwrap();
        let found = |is_empty| {
            Some(Folder {
                uid: 1000,
                mode: 0o750,
                is_empty,
            })
        };
        assert_eq!(folder(&empty), found(true));
        assert_eq!(folder(&full), found(false));
        assert_eq!(folder(&full[..700]), found(false), "a cut archive");
        assert_eq!(folder(&full[512..]), None, "a file");
        assert_eq!(folder(&[]), None);
    }

    #[test]
    fn a_link_leads_on_from_its_own_folder() {
        assert_eq!(beside("/bin/sh", "busybox"), "/bin/busybox");
        assert_eq!(beside("/etc/passwd", "/run/passwd"), "/run/passwd");
        assert_eq!(beside("/a", "b"), "/b");
    }
}
