//! Paths inside a container that may be used.
//!
//! The list is the model's: it says what belongs to the system of a container, not what a server
//! asked for, so there is one list for both.

use models::value::ContainerPath;

/// Whether something may be put at a path.
pub(super) fn is_for_data(path: &str) -> bool {
    ContainerPath::new(path).is_ok_and(|path| path.is_for_files().is_ok())
}

/// Whether an image may start in its own working directory, which it may have spelled in any way.
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

/// Whether a program may start at a path.
pub(super) fn is_for_work(path: &str) -> bool {
    ContainerPath::new(path).is_ok_and(|path| path.is_for_work().is_ok())
}
