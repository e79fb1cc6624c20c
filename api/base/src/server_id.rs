//! The server id, which distinguishes servers on the same database.
//!
//! It is in the data folder, and stays the same for as long as the folder does.

use std::{io, path::Path};

use uuid::Uuid;

use crate::{private_files, random};

const FILE: &str = "server-id";

/// True if a server has run with this folder.
///
/// The id is the last thing that a first start writes.
pub fn is_kept_in(folder: &Path) -> bool {
    folder.join(FILE).exists()
}

/// Returns the server's id, which its first start creates.
///
/// It stays the same after a restart, so that the server can take back the leases that it held.
///
/// # Errors
/// When the file cannot be read or made, or holds something else.
pub fn load(folder: &Path) -> io::Result<Uuid> {
    let path = folder.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            private_files::restrict_permissions(&path)?;
            text.trim()
                .parse()
                .map_err(|_| io::Error::other(format!("{} is corrupted", path.display())))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let id = Uuid::from_bytes(random::bytes());
            private_files::create_private_file(&path, id.to_string().as_bytes())?;
            Ok(id)
        }
        Err(error) => Err(error),
    }
}
