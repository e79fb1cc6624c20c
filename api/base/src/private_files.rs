//! Files and folders that only the server's own user may read.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Mode with which the owner may read, write and enter.
const PRIVATE_DIR: u32 = 0o700;
/// Mode with which the owner may read and write.
const PRIVATE_FILE: u32 = 0o600;
/// Permission bits of everyone but the owner.
const OTHERS: u32 = 0o077;

/// True if only the owner may use a file or folder.
///
/// # Errors
/// When its metadata cannot be read.
pub fn is_private(path: &Path) -> io::Result<bool> {
    Ok(path.metadata()?.permissions().mode() & OTHERS == 0)
}

/// Opens or creates a file for writing, and restricts it to its owner.
///
/// Call it for files in a private folder only: there nobody else could have opened the file
/// before its permissions were restricted.
///
/// # Errors
/// When it cannot be opened, or belongs to someone else.
pub fn open_private_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(PRIVATE_FILE)
        .open(path)?;
    restrict_permissions(path)?;
    Ok(file)
}

/// Restricts a file to its owner; a missing file stays missing.
///
/// # Errors
/// When it belongs to someone else.
pub fn restrict_permissions(path: &Path) -> io::Result<()> {
    match is_private(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(false) => std::fs::set_permissions(path, Permissions::from_mode(PRIVATE_FILE)),
        Ok(true) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Creates a folder and its parents, which only their owner may enter.
///
/// An existing folder stays as it is.
///
/// # Errors
/// When it cannot be created.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE_DIR)
        .create(path)
}

/// Creates a file that only its owner may read, atomically and durably.
///
/// # Errors
/// `AlreadyExists` when the file exists; nothing is changed then.
pub fn create_private_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut unfinished = name.to_owned();
    unfinished.push(format!(".{}.new", std::process::id()));
    let unfinished = folder.join(unfinished);
    let written = write_new(&unfinished, content)
        // A link fails where a rename would replace a file that another process made meanwhile.
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

    use super::{create_private_file, is_private, open_private_file, restrict_permissions};

    #[test]
    fn a_file_that_others_could_read_is_theirs_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        restrict_permissions(&path).unwrap();
        assert!(!path.exists());
        open_private_file(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, "kept").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        assert!(!is_private(&path).unwrap());
        open_private_file(&path).unwrap();
        assert!(is_private(&path).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"kept");
    }

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
