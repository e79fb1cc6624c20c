//! The volumes of the platform in memory.

use models::{RunnerId, VolumeId};

use super::{
    FakePlatform,
    platform::{FakeInstance, State},
};
use crate::runner::{InstanceSpec, RunnerError};

/// A volume, and in it one file of which only the number of its lines is known.
#[derive(Debug)]
pub(super) struct FakeVolume {
    owner: RunnerId,
    lines: usize,
}

impl FakeInstance {
    pub(super) fn volumes(&self) -> Vec<VolumeId> {
        let mounts = self.spec.spec.volumes.iter();
        mounts.map(|mount| mount.volume_id).collect()
    }
}

impl State {
    pub(super) fn make_volumes(&mut self, instance: &InstanceSpec) -> Result<(), RunnerError> {
        let owner = instance.key.runner_id;
        if self.faults.keeps_no_volumes && !instance.spec.volumes.is_empty() {
            return Err(RunnerError::no_volumes());
        }
        for mount in &instance.spec.volumes {
            let new = FakeVolume { owner, lines: 0 };
            let volume = self.volumes.entry(mount.volume_id).or_insert(new);
            if volume.owner != owner {
                return Err(foreign());
            }
        }
        Ok(())
    }

    pub(super) fn remove_volume(
        &mut self,
        owner: RunnerId,
        volume: VolumeId,
    ) -> Result<(), RunnerError> {
        let mut instances = self.instances.values();
        if instances.any(|instance| instance.volumes().contains(&volume)) {
            return Err(RunnerError::platform("volume_used", "An instance has it."));
        }
        match self.volumes.get(&volume) {
            Some(found) if found.owner != owner => Err(foreign()),
            _ => {
                self.volumes.remove(&volume);
                Ok(())
            }
        }
    }
}

impl FakePlatform {
    /// The app writes a line into the volume; gives how many there are then, and nothing when another
    /// app has the volume too.
    pub(super) fn keep(&self, instance: models::InstanceId, volume: VolumeId) -> Option<usize> {
        let mut state = self.state();
        let others = state.instances.iter();
        let mut others = others.filter(|(id, other)| **id != instance && other.state.is_up());
        if others.any(|(_, other)| other.volumes().contains(&volume)) {
            return None;
        }
        let found = state.volumes.get_mut(&volume)?;
        found.lines += 1;
        Some(found.lines)
    }
}

fn foreign() -> RunnerError {
    RunnerError::platform("volume_foreign", "The volume is another runner's.").never_again()
}
