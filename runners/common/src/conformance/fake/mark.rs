//! Ownership marks on the platform in memory.

use models::VolumeId;

use crate::{
    owner::{Owner, OwnershipClaim},
    platform::InstanceKey,
};

/// The parts of an instance that its mark covers.
pub(super) fn parts(key: &InstanceKey) -> [String; 5] {
    [
        "instance".to_owned(),
        key.runner_id.to_string(),
        key.deployment_id.to_string(),
        key.release_id.to_string(),
        key.instance_id.to_string(),
    ]
}

/// The parts of a volume that its mark covers.
pub(super) fn parts_of_volume(owner: models::RunnerId, volume: VolumeId) -> [String; 3] {
    ["volume".to_owned(), owner.to_string(), volume.to_string()]
}

/// Returns the mark over these parts; `None` before an owner was set.
pub(super) fn of(owner: Option<&Owner>, parts: &[String]) -> Option<String> {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    owner.map(|owner| owner.mark(&parts))
}

/// True if a mark is this owner's. Without an owner, every mark counts.
pub(super) fn is_right(owner: Option<&Owner>, parts: &[String], mark: Option<&str>) -> bool {
    let Some(owner) = owner else {
        return true;
    };
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let runner_id = parts.get(1).and_then(|id| id.parse().ok());
    runner_id.is_some_and(|runner_id| {
        owner.owns(&OwnershipClaim {
            runner_id,
            parts: &parts,
            mark,
            made_at: None,
        })
    })
}
