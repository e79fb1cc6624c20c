//! The volumes of the platform in memory.

use models::{RunnerId, VolumeId, deployment::FailureCode, time::Timestamp};

use super::{
    FakePlatform, mark,
    platform::{FakeInstance, State},
};
use crate::{
    owner::Owner,
    platform::{InstanceSpec, RetiredVolume, RunnerError},
};

/// A volume with one file, of which only the number of lines is known.
#[derive(Debug)]
pub(super) struct FakeVolume {
    owner: RunnerId,
    mark: Option<String>,
    lines: usize,
}

impl FakeVolume {
    fn is_of(&self, marks: Option<&Owner>, owner: RunnerId, volume: VolumeId) -> bool {
        let parts = mark::parts_of_volume(owner, volume);
        self.owner == owner && mark::is_right(marks, &parts, self.mark.as_deref())
    }
}

impl FakeInstance {
    pub(super) fn volumes(&self) -> Vec<VolumeId> {
        let mounts = self.spec.spec.volumes.iter();
        mounts.map(|mount| mount.volume_id).collect()
    }
}

impl State {
    pub(super) fn make_volumes(
        &mut self,
        marks: Option<&Owner>,
        instance: &InstanceSpec,
    ) -> Result<(), RunnerError> {
        let owner = instance.key.runner_id;
        for mount in &instance.spec.volumes {
            let is_expected = instance.expected_volumes.contains(&mount.volume_id);
            if is_expected && !self.has_volume(marks, owner, mount.volume_id)? {
                return Err(RunnerError::volume_lost(mount));
            }
        }
        for mount in &instance.spec.volumes {
            if let Some((volume, until)) = self.retired.remove(&mount.volume_id) {
                if !volume.is_of(marks, owner, mount.volume_id) {
                    self.retired.insert(mount.volume_id, (volume, until));
                    return Err(foreign());
                }
                self.volumes.insert(mount.volume_id, volume);
            }
            let new = FakeVolume {
                owner,
                mark: mark::of(marks, &mark::parts_of_volume(owner, mount.volume_id)),
                lines: 0,
            };
            let volume = self.volumes.entry(mount.volume_id).or_insert(new);
            if !volume.is_of(marks, owner, mount.volume_id) {
                return Err(foreign());
            }
        }
        Ok(())
    }

    pub(super) fn has_volume(
        &self,
        marks: Option<&Owner>,
        owner: RunnerId,
        volume: VolumeId,
    ) -> Result<bool, RunnerError> {
        let retired = self.retired.get(&volume).map(|(found, _)| found);
        match self.volumes.get(&volume).or(retired) {
            Some(found) if !found.is_of(marks, owner, volume) => Err(foreign()),
            found => Ok(found.is_some()),
        }
    }

    pub(super) fn remove_volume(
        &mut self,
        marks: Option<&Owner>,
        owner: RunnerId,
        volume: VolumeId,
    ) -> Result<(), RunnerError> {
        let retired = self.retired.get(&volume).map(|(found, _)| found);
        match self.volumes.get(&volume).or(retired) {
            Some(found) if !found.is_of(marks, owner, volume) => Err(foreign()),
            _ if self.is_used(volume) => Err(RunnerError::platform(
                FailureCode::VolumeBusy,
                "An instance has it.",
            )),
            _ => {
                self.volumes.remove(&volume);
                self.retired.remove(&volume);
                Ok(())
            }
        }
    }

    fn is_used(&self, volume: VolumeId) -> bool {
        let mut instances = self.instances.values();
        instances.any(|instance| instance.volumes().contains(&volume))
    }

    pub(super) fn retire_volume(
        &mut self,
        marks: Option<&Owner>,
        owner: RunnerId,
        volume: VolumeId,
        until: Timestamp,
    ) -> Result<(), RunnerError> {
        if self
            .volumes
            .get(&volume)
            .is_some_and(|found| !found.is_of(marks, owner, volume))
        {
            return Err(foreign());
        }
        if let Some(found) = self.volumes.remove(&volume) {
            self.retired.insert(volume, (found, until));
        }
        Ok(())
    }

    pub(super) fn retired(&self, marks: Option<&Owner>, owner: RunnerId) -> Vec<RetiredVolume> {
        let mine = self
            .retired
            .iter()
            .filter(|(id, (volume, _))| volume.is_of(marks, owner, **id));
        mine.map(|(volume_id, (_, until))| RetiredVolume {
            volume_id: *volume_id,
            until: *until,
        })
        .collect()
    }
}

impl FakePlatform {
    /// Returns the end of a retired volume's retention.
    pub fn kept_until(&self, volume: VolumeId) -> Option<Timestamp> {
        self.state().retired.get(&volume).map(|(_, until)| *until)
    }

    /// Mounts the disk of a lost volume again.
    pub fn bring_back(&self, volume: VolumeId) {
        self.change(|state| {
            if let Some(found) = state.away.remove(&volume) {
                state.volumes.insert(volume, found);
            }
        });
    }

    /// Ends the retention of a retired volume.
    pub fn let_time_pass(&self, volume: VolumeId) {
        self.change(|state| {
            if let Some((_, until)) = state.retired.get_mut(&volume) {
                *until = Timestamp::from_micros(0);
            }
        });
    }

    /// Adds a line to the volume's file; returns the number of lines.
    ///
    /// `None` when another app has the volume too.
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
    RunnerError::platform(
        FailureCode::VolumeForeign,
        "The volume is another runner's.",
    )
    .permanent()
}
