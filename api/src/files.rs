//! Files and folders that only the server's own user may read.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// The owner may read, write and enter.
const PRIVATE_DIR: u32 = 0o700;
/// The owner may read and write.
const PRIVATE_FILE: u32 = 0o600;

/// Creates a folder, and those above it, that only its owner may enter; one that exists stays as
/// it is.
///
/// # Errors
/// When it cannot be created.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE_DIR)
        .create(path)
}

/// Creates a file that only its owner may read, whole or not at all, and safe from a power cut.
///
/// # Errors
/// `AlreadyExists` when there is one; nothing is changed then.
pub fn create_private_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut unfinished = name.to_owned();
    unfinished.push(format!(".{}.new", std::process::id()));
    let unfinished = folder.join(unfinished);
    let written = write_new(&unfinished, content)
        // A link fails where a rename would replace what another process made meanwhile.
        .and_then(|()| std::fs::hard_link(&unfinished, path))
        .and_then(|()| File::open(folder)?.sync_all());
    std::fs::remove_file(&unfinished)?;
    written
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(PRIVATE_FILE)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::create_private_file;

    #[test]
    fn a_private_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create_private_file(&path, b"first").unwrap();
        let error = create_private_file(&path, b"second").unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
