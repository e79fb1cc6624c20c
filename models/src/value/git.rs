//! Git repositories and branches.

use super::checked_text;

/// The longest address of a repository in bytes, as common servers accept.
const MAX_REPOSITORY: usize = 2_048;
/// The longest branch name in bytes; git stores it as a file name (`NAME_MAX`).
const MAX_BRANCH: usize = 255;

checked_text! {
    /// The address of a git repository over HTTPS or SSH, without a password.
    ///
    /// It is `https://host/path`, `ssh://user@host/path` or git's short form `user@host:path`.
    GitRepository, check_repository
}

checked_text! {
    /// The name of a branch, by the rules of `git check-ref-format --branch`.
    GitBranch, check_branch
}

fn check_repository(text: &str) -> garde::Result {
    if text.len() <= MAX_REPOSITORY && text.chars().all(is_plain) && is_address(text) {
        return Ok(());
    }
    Err(garde::Error::new(
        "Enter the address of a git repository, for example https://github.com/owner/app.git, \
         without a password.",
    ))
}

/// True for characters that stand for themselves in an address.
fn is_plain(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '\\' | '"' | '\'' | '`' | '<' | '>')
}

fn is_address(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("https://") {
        return is_host_and_path(rest, '/') && !rest.contains('@');
    }
    let rest = text.strip_prefix("ssh://");
    let (rest, separator) = rest.map_or((text, ':'), |rest| (rest, '/'));
    let Some((user, rest)) = rest.split_once('@') else {
        return false;
    };
    let is_user_char = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    // A leading hyphen would be an option of `ssh`.
    !user.is_empty()
        && !user.starts_with('-')
        && user.bytes().all(is_user_char)
        && is_host_and_path(rest, separator)
}

fn is_host_and_path(text: &str, separator: char) -> bool {
    text.split_once(separator).is_some_and(|(host, path)| {
        !path.trim_matches('/').is_empty()
            && !host.starts_with(['-', ':'])
            && !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
    })
}

fn check_branch(text: &str) -> garde::Result {
    let is_component = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && part.strip_suffix(".lock").is_none()
    };
    let is_allowed = |c: char| !c.is_control() && !" ~^:?*[\\".contains(c);
    let is_valid = (1..=MAX_BRANCH).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('.')
        && !text.contains("..")
        && !text.contains("@{")
        && !matches!(text, "@" | "HEAD")
        && text.chars().all(is_allowed)
        && text.split('/').all(is_component);
    if is_valid {
        return Ok(());
    }
    Err(garde::Error::new(
        "Enter the name of a branch, for example main.",
    ))
}

#[cfg(test)]
mod tests {
    use super::{GitBranch, GitRepository};

    #[test]
    fn a_repository_is_an_address_over_https_or_ssh() {
        for address in [
            "https://github.com/owner/app.git",
            "https://git.example.org:8443/team/app",
            "https://[::1]/app",
            "ssh://git@host.example.org:2222/app.git",
            "git@github.com:owner/app.git",
        ] {
            assert!(GitRepository::new(address).is_ok(), "{address}");
        }
        for wrong in [
            "",
            "app",
            "/srv/app.git",
            "file:///etc",
            "http://github.com/owner/app",
            "https://github.com",
            "https://github.com/",
            "https://ada:hush@github.com/owner/app",
            "ext::sh -c touch% /tmp/x",
            "-oProxyCommand=x@host:path",
            "git@-oProxyCommand=x:path",
            "ssh://-oProxyCommand=x/path",
            "https://github.com/owner/a b",
            "--upload-pack=x",
        ] {
            assert!(GitRepository::new(wrong).is_err(), "{wrong}");
        }
        assert!(GitRepository::new(format!("https://a/{}", "b".repeat(2_048))).is_err());
    }

    // Cases of git's own tests for `check-ref-format` are among them.
    #[test]
    fn a_branch_is_named_by_the_rules_of_git() {
        for name in [
            "main", "foo/bar", "a.b", "f@o", "foo@", "bar@/x", "größe", "a-b",
        ] {
            assert!(GitBranch::new(name).is_ok(), "{name}");
        }
        for wrong in [
            "",
            "/",
            "foo/",
            "/foo",
            "foo//bar",
            ".foo",
            "foo/.bar",
            "foo.lock",
            "foo.lock/bar",
            "foo.",
            "a..b",
            "foo bar",
            "foo\\bar",
            "foo:bar",
            "foo?",
            "foo*",
            "foo[bar",
            "~a",
            "^a",
            "@",
            "HEAD",
            "a@{b",
            "-a",
            "a\u{7f}",
        ] {
            assert!(GitBranch::new(wrong).is_err(), "{wrong}");
        }
        assert!(GitBranch::new("a".repeat(256)).is_err());
    }
}
