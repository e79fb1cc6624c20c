//! Configuration files, put into a container before it starts.

use bollard::{Docker, body_full, query_parameters::UploadToContainerOptionsBuilder};
use models::deployment::ConfigFile;
use runner_common::RunnerError;

use crate::{error, guard};

/// Everybody in the container may read a file, for the app may be anybody, and nobody but root may
/// change it.
const MODE: u32 = 0o644;

/// Puts the files into a container that does not run yet. The engine makes the folders on the way,
/// and leads links of the image nowhere but into the container.
///
/// # Errors
/// When a path cannot be a file's in this image, or the engine does not answer.
pub(crate) async fn put(
    docker: &Docker,
    container: &str,
    files: &[ConfigFile],
) -> Result<(), RunnerError> {
    if files.is_empty() {
        return Ok(());
    }
    guard::check_files(files)?;
    let archive = archive(files).map_err(|error| {
        RunnerError::user(
            "config_file_refused",
            format!("A configuration file cannot be put into the image: {error}."),
        )
    })?;
    let options = UploadToContainerOptionsBuilder::default().path("/").build();
    docker
        .upload_to_container(container, Some(options), body_full(archive.into()))
        .await
        .map_err(error::file_refused)
}

fn archive(files: &[ConfigFile]) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for file in files {
        let content = file.content.as_str().as_bytes();
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(MODE);
        let path = file.path.as_str().trim_start_matches('/');
        archive.append_data(&mut header, path, content)?;
    }
    archive.into_inner()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use models::{
        deployment::ConfigFile,
        value::{ContainerPath, FileContent},
    };

    use super::archive;

    #[test]
    fn files_stand_where_they_belong_however_long_the_way() {
        let long = format!("/etc/{}/a.toml", "folder/".repeat(40).trim_end_matches('/'));
        let file = |path: &str, content: &str| ConfigFile {
            path: ContainerPath::new(path).unwrap(),
            content: FileContent::trusted(content),
        };
        let made = archive(&[file("/etc/a", "1"), file(&long, "2")]).unwrap();
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
}
