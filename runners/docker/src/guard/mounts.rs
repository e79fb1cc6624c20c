//! What may be mounted into a container.

use bollard::models::{Mount, MountType, MountVolumeOptions};
use uuid::Uuid;

use super::paths::is_for_data;

/// What the names of the runner's own volumes begin with; the id of what it belongs to follows.
const OWN_VOLUME: &str = "berth-";

/// Whether a mount is a volume that the runner itself named after an id. It is the only kind that
/// is let through: it lies where the engine keeps its volumes, and nowhere else on the machine.
pub(super) fn is_own_volume(mount: &Mount) -> bool {
    let Mount {
        target,
        source,
        typ,
        read_only: _,
        consistency: None,
        bind_options: None,
        volume_options,
        image_options: None,
        tmpfs_options: None,
    } = mount
    else {
        return false;
    };
    *typ == Some(MountType::VOLUME)
        && source.as_deref().is_some_and(is_own_name)
        && target.as_deref().is_some_and(is_for_data)
        && volume_options.as_ref().is_none_or(is_harmless)
}

/// Whether a volume has the name that the runner gives. Only one spelling of an id counts.
fn is_own_name(name: &str) -> bool {
    let id = name.strip_prefix(OWN_VOLUME);
    id.is_some_and(|id| id.parse::<Uuid>().is_ok_and(|read| read.to_string() == id))
}

/// A driver's options can name any folder or server, so none may be given.
fn is_harmless(options: &MountVolumeOptions) -> bool {
    let MountVolumeOptions {
        no_copy: _,
        labels: None,
        driver_config: None,
        subpath: None,
    } = options
    else {
        return false;
    };
    true
}
