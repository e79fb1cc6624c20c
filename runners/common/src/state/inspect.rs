//! Reading a copy from outside, for tests that compare it with the desired state.

use std::{fs, path::Path};

use models::runner::Workload;

use super::{StateFolder, dir::StateDir, file_content::StateContent};

/// Returns the workloads in a folder's copy; `None` when no copy opens.
pub fn read_state(folder: &StateFolder) -> Option<Vec<Workload>> {
    let dir = StateDir::new(Path::to_owned(&folder.path));
    let plain = folder.key.open(&fs::read(dir.path()).ok()?).ok()?;
    let content: StateContent = serde_json::from_slice(&plain).ok()?;
    Some(
        content
            .workloads
            .into_iter()
            .map(|stored| stored.desired)
            .collect(),
    )
}
