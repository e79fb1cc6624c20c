//! Default folder of the runner's state.

use std::{ffi::OsString, path::PathBuf};

/// Folder of a system service; see the Filesystem Hierarchy Standard 3.0, 5.8.
const OF_ROOT: &str = "/var/lib/berth-runner";
/// Name of the folder inside a user's state folder.
const NAME: &str = "berth-runner";

/// Returns the default folder of this process's user; `None` without a home.
#[expect(
    clippy::disallowed_methods,
    reason = "the usual place follows from the user and the service manager, and is a setting too"
)]
pub(super) fn default_dir() -> Option<PathBuf> {
    default_dir_of(rustix::process::geteuid().is_root(), |name| {
        std::env::var_os(name)
    })
}

fn default_dir_of(is_root: bool, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // An empty or relative path counts as unset: XDG Base Directory Specification 0.8.
    let folder = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
    };
    // systemd made this one for the service (`StateDirectory=`).
    if let Some(folder) = folder("STATE_DIRECTORY") {
        return Some(folder);
    }
    if is_root {
        return Some(OF_ROOT.into());
    }
    let states = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")));
    states.map(|states| states.join(NAME))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::default_dir_of;

    #[test]
    fn the_usual_folder_follows_from_the_service_and_the_user() {
        for (is_root, variables, expected) in [
            (true, vec![("HOME", "/root")], Some("/var/lib/berth-runner")),
            (
                true,
                vec![("STATE_DIRECTORY", "/var/lib/x")],
                Some("/var/lib/x"),
            ),
            (
                false,
                vec![("HOME", "/home/a")],
                Some("/home/a/.local/state/berth-runner"),
            ),
            (
                false,
                vec![("HOME", "/home/a"), ("XDG_STATE_HOME", "/s")],
                Some("/s/berth-runner"),
            ),
            (
                false,
                vec![("HOME", "/home/a"), ("XDG_STATE_HOME", "s")],
                Some("/home/a/.local/state/berth-runner"),
            ),
            (false, vec![], None),
        ] {
            let value = |name: &str| {
                let found = variables.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).into())
            };
            let folder = default_dir_of(is_root, value);
            assert_eq!(folder.as_deref(), expected.map(Path::new), "{variables:?}");
        }
    }
}
