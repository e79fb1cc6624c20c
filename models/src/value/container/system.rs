//! Paths of a container that belong to its kernel, its image or its engine.
//!
//! This is the only list of such paths: the model refuses them with a reason, and a runner
//! refuses them again before it passes anything to the engine.

use super::ContainerPath;

/// Kernel filesystems. Nothing may be placed or started there.
///
/// A working directory such as `/proc/self/fd/7` can lead out of the container
/// (CVE-2024-21626).
const KERNEL_TREES: [&str; 3] = ["/dev", "/proc", "/sys"];

/// Programs and libraries of the image, including everything below them.
///
/// Without them, nothing in the image runs (FHS 3.0 §3.4, §3.5, §3.9, §3.10, §3.16).
const IMAGE_TREES: [&str; 7] = [
    "/bin", "/boot", "/lib", "/lib32", "/lib64", "/libx32", "/sbin",
];

/// Folders that must not be replaced as a whole, although paths below them may be.
///
/// Images expect their data in folders such as `/usr/share/nginx/html` and
/// `/var/lib/postgresql/data`.
const IMAGE_FOLDERS: [&str; 12] = [
    "/etc",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libx32",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/sbin",
    "/var",
];

/// Files that engines write into each container at its start, over existing ones.
const ENGINE_FILES: [&str; 5] = [
    "/.dockerenv",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/mtab",
    "/etc/resolv.conf",
];

impl ContainerPath {
    /// Checks that a file or a volume may be placed at this path.
    ///
    /// # Errors
    /// If it is the root folder, or belongs to the kernel, the image or the engine.
    pub fn is_for_files(&self) -> garde::Result {
        let path = self.as_str();
        if path == "/" {
            return refuse("Enter a path below the root directory, for example /data.");
        }
        if let Some(tree) = within(path, &KERNEL_TREES) {
            return refuse(format!(
                "Files and volumes cannot be placed in {tree}. Choose another path."
            ));
        }
        if let Some(tree) = within(path, &IMAGE_TREES) {
            return refuse(format!(
                "{tree} contains the image's programs and libraries, which cannot be replaced. \
                 Choose another path, for example /app, or /usr/local/bin for a script."
            ));
        }
        if IMAGE_FOLDERS.contains(&path) {
            return refuse(format!(
                "The image needs its own {path}. Choose a path below it."
            ));
        }
        if let Some(file) = within(path, &ENGINE_FILES) {
            return refuse(format!(
                "The container engine manages {file} and would overwrite it. Choose another path."
            ));
        }
        Ok(())
    }

    /// Checks that a program may start in this folder.
    ///
    /// # Errors
    /// If it belongs to the kernel.
    pub fn is_for_work(&self) -> garde::Result {
        match within(self.as_str(), &KERNEL_TREES) {
            Some(tree) => refuse(format!(
                "Nothing can run in {tree}. Choose a directory of the image."
            )),
            None => Ok(()),
        }
    }
}

/// Returns the tree that contains a path or is equal to it.
fn within(path: &str, trees: &[&'static str]) -> Option<&'static str> {
    let mut trees = trees.iter().copied();
    trees.find(|tree| {
        path.strip_prefix(tree)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn refuse(message: impl Into<String>) -> garde::Result {
    Err(garde::Error::new(message.into()))
}

#[cfg(test)]
mod tests {
    use crate::value::ContainerPath;

    fn path(text: &str) -> ContainerPath {
        ContainerPath::new(text).unwrap()
    }

    #[test]
    fn data_and_settings_go_where_images_expect_them() {
        for right in [
            "/app",
            "/app/bin/sh",
            "/data",
            "/device/a",
            "/etc/app.toml",
            "/etc/hosts.allow",
            "/etc/nginx/conf.d",
            "/etc/passwd",
            "/home",
            "/libraries",
            "/library",
            "/opt",
            "/procs",
            "/root/.config",
            "/run/secrets/key",
            "/srv",
            "/tmp",
            "/usr/local/bin/entry.sh",
            "/usr/share/nginx/html",
            "/usr/src/app",
            "/var/lib/postgresql/data",
            "/var/www/html",
        ] {
            assert!(path(right).is_for_files().is_ok(), "{right:?} was refused");
        }
    }

    #[test]
    fn nothing_replaces_what_belongs_to_the_kernel_the_image_or_the_engine() {
        for (wrong, named) in [
            ("/", "root directory"),
            ("/proc", "/proc"),
            ("/proc/1/environ", "/proc"),
            ("/sys/fs/cgroup", "/sys"),
            ("/dev/null", "/dev"),
            ("/dev/shm", "/dev"),
            ("/bin", "/bin"),
            ("/bin/sh", "/bin"),
            ("/sbin", "/sbin"),
            ("/sbin/init", "/sbin"),
            ("/boot/grub", "/boot"),
            ("/lib", "/lib"),
            ("/lib/x86_64-linux-gnu/libc.so.6", "/lib"),
            ("/lib64/ld-linux-x86-64.so.2", "/lib64"),
            ("/etc", "/etc"),
            ("/usr", "/usr"),
            ("/usr/bin", "/usr/bin"),
            ("/usr/lib", "/usr/lib"),
            ("/usr/local", "/usr/local"),
            ("/usr/sbin", "/usr/sbin"),
            ("/var", "/var"),
            ("/etc/hostname", "/etc/hostname"),
            ("/etc/hosts", "/etc/hosts"),
            ("/etc/resolv.conf", "/etc/resolv.conf"),
            ("/etc/resolv.conf/a", "/etc/resolv.conf"),
            ("/.dockerenv", "/.dockerenv"),
        ] {
            let refusal = path(wrong).is_for_files().expect_err(wrong).to_string();
            assert!(refusal.contains(named), "{wrong:?}: {refusal}");
        }
    }

    #[test]
    fn a_program_starts_anywhere_but_in_the_kernels_filesystems() {
        for right in ["/", "/app", "/usr/src/app", "/etc", "/procs", "/sbin"] {
            assert!(path(right).is_for_work().is_ok(), "{right:?} was refused");
        }
        for wrong in ["/proc/self/fd/7", "/proc", "/dev/fd/7", "/sys/fs/cgroup"] {
            assert!(path(wrong).is_for_work().is_err(), "{wrong:?} was taken");
        }
    }
}
