//! Descriptions of instance sizes.

use components::format;
use models::{deployment::Resources, machine_type::MachineType};

/// Description of the memory of an instance without a limit of its own.
const DEFAULT_MEMORY: &str = "the runner's default memory";

/// Describes a machine type, for example `small: 0.5 CPU, 512 MiB`.
pub(crate) fn words(machine_type: &MachineType) -> String {
    let MachineType { name, resources } = machine_type;
    format!("{name}: {}", size(*resources))
}

/// Describes a size, by its machine type's name if there is one.
pub(crate) fn named(resources: Resources, offered: &[MachineType]) -> String {
    match find(resources, offered) {
        Some(machine_type) => words(machine_type),
        None if resources == Resources::default() => size(resources),
        None => format!("custom: {}", size(resources)),
    }
}

/// Returns the machine type with this size.
pub(crate) fn find(resources: Resources, offered: &[MachineType]) -> Option<&MachineType> {
    offered.iter().find(|one| one.resources == resources)
}

fn size(resources: Resources) -> String {
    let processor = resources.cpu_millis.map(|cpu| format::cpus(cpu.into()));
    let memory = resources.memory_mib;
    let memory = memory.map(|mib| format::bytes(u64::from(mib) << 20));
    match (processor, memory) {
        (None, None) => format!("no CPU limit, {DEFAULT_MEMORY}"),
        (Some(processor), None) => format!("{processor}, {DEFAULT_MEMORY}"),
        (None, Some(memory)) => format!("no CPU limit, {memory}"),
        (Some(processor), Some(memory)) => format!("{processor}, {memory}"),
    }
}

#[cfg(test)]
mod tests {
    use models::{deployment::Resources, machine_type::MachineType, value::ResourceName};

    use super::named;

    fn size(cpu_millis: Option<u32>, memory_mib: Option<u32>) -> Resources {
        Resources {
            cpu_millis,
            memory_mib,
        }
    }

    #[test]
    fn a_size_has_the_name_of_its_machine_type_or_is_an_own_one() {
        let small = MachineType {
            name: ResourceName::trusted("small"),
            resources: size(Some(500), Some(512)),
        };
        let named = |cpu, memory| named(size(cpu, memory), std::slice::from_ref(&small));
        assert_eq!(named(Some(500), Some(512)), "small: 0.5 CPU, 512 MiB");
        assert_eq!(named(Some(500), Some(1_536)), "custom: 0.5 CPU, 1.5 GiB");
        assert_eq!(
            named(Some(1_000), None),
            "custom: 1 CPU, the runner's default memory"
        );
        assert_eq!(named(None, Some(64)), "custom: no CPU limit, 64 MiB");
        assert_eq!(
            named(None, None),
            "no CPU limit, the runner's default memory"
        );
    }
}
