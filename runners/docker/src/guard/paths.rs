//! Paths inside a container that may be used.
//!
//! The list is the model's: it names the system paths of a container, independent of any
//! request, so both can share it.

use models::value::ContainerPath;

/// True if files or volumes may be put at a path.
pub(super) fn is_for_data(path: &str) -> bool {
    ContainerPath::new(path).is_ok_and(|path| path.is_for_files().is_ok())
}

/// True if an image may start in its working directory, however it is spelled.
pub(super) fn is_for_work_of_image(path: &str) -> bool {
    let mut folders = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                folders.pop();
            }
            folder => folders.push(folder),
        }
    }
    is_for_work(&format!("/{}", folders.join("/")))
}

/// True if a program may start at a path.
pub(super) fn is_for_work(path: &str) -> bool {
    ContainerPath::new(path).is_ok_and(|path| path.is_for_work().is_ok())
}
