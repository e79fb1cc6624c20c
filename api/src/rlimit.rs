//! The limit on open files, which bounds the number of connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit to the hard limit.
///
/// Each runner link, open page and call is a file to the system. Most systems start programs
/// with a limit of 1,024 while allowing hundreds of thousands: the low number is for programs
/// that use `select`, which this one does not.
pub fn raise_nofile() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        ..limit
    };
    match setrlimit(Resource::Nofile, wanted) {
        Ok(()) => tracing::debug!(most = limit.maximum, "raised the open file limit"),
        Err(error) => tracing::warn!(
            %error, limit = limit.current,
            "failed to raise the open file limit"
        ),
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::raise_nofile;

    #[test]
    fn as_many_as_the_system_allows() {
        let before = getrlimit(Resource::Nofile);
        let usual = Rlimit {
            current: Some(1_024),
            ..before
        };
        setrlimit(Resource::Nofile, usual).unwrap();
        raise_nofile();
        let after = getrlimit(Resource::Nofile);
        assert_eq!(
            (after.current, after.maximum),
            (before.maximum, before.maximum)
        );
    }
}
