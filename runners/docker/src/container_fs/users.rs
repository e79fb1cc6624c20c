//! Users of a container by name and number, from `/etc/passwd` and `/etc/group`.

use models::deployment::FailureCode;
use runner_common::RunnerError;

use super::ContainerFs;

const PASSWD: &str = "/etc/passwd";
const GROUP: &str = "/etc/group";

/// Most bytes of a list; more than any system's needs.
const MAX_LIST: usize = 1024 * 1024;

/// The numeric ids of a user and a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) uid: u64,
    pub(crate) gid: u64,
}

/// True if a user, as an image or a specification names it, is surely root.
pub(crate) fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default();
    matches!(name, "" | "root" | "0")
}

impl ContainerFs<'_> {
    /// Resolves a user: `name` or `uid`, each perhaps with `:group` or `:gid`.
    ///
    /// The rules are those of container runtimes: a number need not be in any list, and then
    /// its group is root's.
    ///
    /// # Errors
    /// When the container has no user or group of this name, or the engine does not answer.
    pub(crate) async fn ids(&self, user: &str) -> Result<Ids, RunnerError> {
        let (name, group) = match user.split_once(':') {
            Some((name, group)) => (name, Some(group).filter(|group| !group.is_empty())),
            None => (user, None),
        };
        if let (Ok(uid), Some(Ok(gid))) = (name.parse(), group.map(str::parse)) {
            return Ok(Ids { uid, gid });
        }
        let passwd = self.list(PASSWD).await?;
        let found = in_passwd(&passwd, name);
        let uid = found.map(|ids| ids.uid).or_else(|| name.parse().ok());
        let uid = uid.ok_or_else(|| unknown("user", name, PASSWD))?;
        let gid = match group {
            None => found.map_or(0, |ids| ids.gid),
            Some(group) => {
                let groups = self.list(GROUP).await?;
                let gid = in_group(&groups, group).or_else(|| group.parse().ok());
                gid.ok_or_else(|| unknown("group", group, GROUP))?
            }
        };
        Ok(Ids { uid, gid })
    }

    async fn list(&self, path: &str) -> Result<String, RunnerError> {
        let bytes = self.read(path, MAX_LIST).await?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn unknown(kind: &str, name: &str, list: &str) -> RunnerError {
    RunnerError::user(
        FailureCode::UserNotFound,
        format!(
            "The image has no {kind} {name} in its {list}. Use an existing name, or a numeric id."
        ),
    )
}

/// Finds a user by name or number (`passwd(5)`).
fn in_passwd(list: &str, user: &str) -> Option<Ids> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let uid = fields.nth(1)?;
        let gid = fields.next()?;
        let ids = Ids {
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
        };
        (name == user || uid == user).then_some(ids)
    })
}

/// Finds the number of a group by name (`group(5)`).
fn in_group(list: &str, group: &str) -> Option<u64> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let gid = fields.nth(1)?;
        if name == group || gid == group {
            gid.parse().ok()
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Ids, in_group, in_passwd, is_root};

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\n# a comment\nbroken\n\
                          app:x:1000:1001::/home/app:/bin/sh\n";

    #[test]
    fn a_user_is_found_by_name_and_by_number() {
        let app = Some(Ids {
            uid: 1000,
            gid: 1001,
        });
        assert_eq!(in_passwd(PASSWD, "app"), app);
        assert_eq!(in_passwd(PASSWD, "1000"), app);
        assert_eq!(in_passwd(PASSWD, "root"), Some(Ids::default()));
        for absent in ["x", "", "1001", "ap"] {
            assert_eq!(in_passwd(PASSWD, absent), None, "{absent:?}");
        }
    }

    #[test]
    fn a_group_is_found_by_name() {
        let list = "root:x:0:\nstaff:x:50:app,other\n";
        assert_eq!(in_group(list, "staff"), Some(50));
        assert_eq!(in_group(list, "app"), None);
    }

    #[test]
    fn root_is_known_by_name_and_number() {
        for root in ["", "root", "0", "0:0", "root:staff", "0:1000"] {
            assert!(is_root(root), "{root:?}");
        }
        for other in ["1000", "app", "00x", "rooty", "1000:0"] {
            assert!(!is_root(other), "{other:?}");
        }
    }
}
