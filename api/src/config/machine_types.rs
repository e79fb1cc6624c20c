//! Machine types: the named sizes of instances that people choose from.

use std::collections::HashSet;

use garde::Validate;
use models::{deployment::Resources, machine_type::MachineType, value::ResourceName};
use serde::Deserialize;

/// The machine types of this server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineTypes {
    /// The machine types, in the order in which they are shown.
    pub offered: Vec<Offered>,
}

/// One machine type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offered {
    name: ResourceName,
    cpu_millis: Option<u32>,
    memory_mib: Option<u32>,
}

impl Offered {
    /// The machine type as the API shows it.
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
    /// Finds the machine type with this name.
    pub fn find(&self, name: &ResourceName) -> Option<MachineType> {
        let found = self.offered.iter().find(|offered| offered.name == *name);
        found.map(Offered::machine_type)
    }

    /// Checks that names are unique and sizes valid; else returns the fault.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut names = HashSet::new();
        for offered in &self.offered {
            let name = &offered.name;
            if let Err(report) = offered.machine_type().validate() {
                let why = report.to_string().trim().replace('\n', "; ");
                return Err(format!("{name}: {why}"));
            }
            if !names.insert(name) {
                return Err(format!("{name}: the name is used twice"));
            }
        }
        Ok(())
    }
}
