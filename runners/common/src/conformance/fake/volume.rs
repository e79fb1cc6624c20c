//! The volumes of the platform in memory.

use models::{RunnerId, VolumeId, time::Timestamp};

use super::{
    FakePlatform,
    platform::{FakeInstance, State},
};
use crate::runner::{InstanceSpec, Retired, RunnerError};

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
            if let Some((volume, _)) = self.retired.remove(&mount.volume_id) {
                self.volumes.insert(mount.volume_id, volume);
            }
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
                self.retired.remove(&volume);
                Ok(())
            }
        }
    }

    pub(super) fn retire_volume(
        &mut self,
        owner: RunnerId,
        volume: VolumeId,
        until: Timestamp,
    ) -> Result<(), RunnerError> {
        if self
            .volumes
            .get(&volume)
            .is_some_and(|found| found.owner != owner)
        {
            return Err(foreign());
        }
        if let Some(found) = self.volumes.remove(&volume) {
            self.retired.insert(volume, (found, until));
        }
        Ok(())
    }

    pub(super) fn retired(&self, owner: RunnerId) -> Vec<Retired> {
        let mine = self
            .retired
            .iter()
            .filter(|(_, (volume, _))| volume.owner == owner);
        mine.map(|(volume_id, (_, until))| Retired {
            volume_id: *volume_id,
            until: *until,
        })
        .collect()
    }
}

impl FakePlatform {
    /// Until when the data of a removed volume is kept.
    pub fn kept_until(&self, volume: VolumeId) -> Option<Timestamp> {
        self.state().retired.get(&volume).map(|(_, until)| *until)
    }

    /// Has the time of a removed volume be over.
    pub fn let_time_pass(&self, volume: VolumeId) {
        self.change(|state| {
            if let Some((_, until)) = state.retired.get_mut(&volume) {
                *until = Timestamp::from_micros(0);
            }
        });
    }

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
