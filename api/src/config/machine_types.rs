//! The named sizes of instances that people choose from.

use std::collections::HashSet;

use garde::Validate;
use models::{deployment::Resources, machine_type::MachineType, value::ResourceName};
use serde::Deserialize;

/// The named sizes of instances that people choose from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineTypes {
    /// They, in the order in which they are shown.
    pub offered: Vec<Offered>,
}

/// One named size.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offered {
    name: ResourceName,
    cpu_millis: Option<u32>,
    memory_mib: Option<u32>,
}

impl Offered {
    /// As people see it.
    pub fn machine_type(&self) -> MachineType {
        MachineType {
            name: self.name.clone(),
            resources: Resources {
                cpu_millis: self.cpu_millis,
                memory_mib: self.memory_mib,
            },
        }
    }
}

impl MachineTypes {
    /// The one of this name.
    pub fn find(&self, name: &ResourceName) -> Option<MachineType> {
        let found = self.offered.iter().find(|offered| offered.name == *name);
        found.map(Offered::machine_type)
    }

    /// Each has a name of its own and a size that there can be; else what is wrong.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut names = HashSet::new();
        for offered in &self.offered {
            let name = &offered.name;
            if let Err(report) = offered.machine_type().validate() {
                let why = report.to_string().trim().replace('\n', "; ");
                return Err(format!("{name}: {why}"));
            }
            if !names.insert(name) {
                return Err(format!("{name}: the name is there twice"));
            }
        }
        Ok(())
    }
}
