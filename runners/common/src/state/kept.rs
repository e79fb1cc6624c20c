//! Reading a copy from outside, for tests that compare it with the desired state.

use std::{fs, path::Path};

use models::runner::Workload;

use super::{StateFolder, disk::Disk, file_content::StateContent};

/// Returns the workloads in a folder's copy; `None` when no copy opens.
pub fn kept(folder: &StateFolder) -> Option<Vec<Workload>> {
    let disk = Disk::new(Path::to_owned(&folder.path));
    let plain = folder.key.open(&fs::read(disk.path()).ok()?).ok()?;
    let content: StateContent = serde_json::from_slice(&plain).ok()?;
    Some(
        content
            .deployments
            .into_iter()
            .map(|kept| kept.desired)
            .collect(),
    )
}
