//! Checks of a container's mounts.

use bollard::models::{Mount, MountType, MountVolumeOptions};
use uuid::Uuid;

use super::paths::is_for_data;

/// Prefix of the runner's own volume names; the id of the owner follows.
const OWN_VOLUME: &str = "berth-";

/// True if a mount is a volume that the runner itself named after an id.
///
/// No other kind is allowed: such a volume lies where the engine keeps its volumes, and nowhere
/// else on the host.
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

/// True if a volume has a name of the runner's form. Only one spelling of an id counts.
fn is_own_name(name: &str) -> bool {
    let id = name.strip_prefix(OWN_VOLUME);
    id.is_some_and(|id| id.parse::<Uuid>().is_ok_and(|read| read.to_string() == id))
}

/// True if no driver options are set: they can name any folder or server.
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
