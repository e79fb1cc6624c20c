//! Users and permissions inside a container.

use super::checked_text;

/// Linux allows 32 characters in a user's name (`useradd(8)`); some systems more.
const MAX_NAME: usize = 64;

checked_text! {
    /// A user inside a container: `uid` or `name`. Either may be followed by `:gid` or `:group`.
    ContainerUser, check_user
}

checked_text! {
    /// The permissions of a file in three octal digits. A `0` may precede them: `0755` or `755`.
    FileMode, check_mode
}

impl ContainerUser {
    /// Splits it into the user and the optional group.
    pub fn parts(&self) -> (&str, Option<&str>) {
        match self.as_str().split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (self.as_str(), None),
        }
    }
}

impl FileMode {
    /// Returns the permission bits.
    pub fn bits(&self) -> u32 {
        u32::from_str_radix(self.as_str(), 8).unwrap_or(0)
    }
}

fn check_user(text: &str) -> garde::Result {
    let (user, group) = match text.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (text, None),
    };
    if is_id_or_name(user) && group.is_none_or(is_id_or_name) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter a user id or name, optionally with a group, for example 1000, 1000:1000 or \
             app:app.",
        ))
    }
}

/// Checks a user or group. A word that begins with a digit is an id; runtimes refuse ids beyond
/// 31 bits.
fn is_id_or_name(text: &str) -> bool {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return text
            .parse::<u32>()
            .is_ok_and(|id| i32::try_from(id).is_ok());
    }
    let is_named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$');
    (1..=MAX_NAME).contains(&text.len()) && !text.starts_with('-') && text.chars().all(is_named)
}

fn check_mode(text: &str) -> garde::Result {
    let digits = match text.len() {
        4 => text.strip_prefix('0').unwrap_or_default(),
        _ => text,
    };
    if digits.len() == 3 && digits.bytes().all(|digit| (b'0'..=b'7').contains(&digit)) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter octal permissions, for example 0644, or 0755 for a script.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{ContainerUser, FileMode};

    #[test]
    fn a_user_is_a_number_or_a_name_perhaps_with_a_group() {
        for (right, parts) in [
            ("0", ("0", None)),
            ("1000:1001", ("1000", Some("1001"))),
            ("app", ("app", None)),
            ("www-data:www-data", ("www-data", Some("www-data"))),
            ("app:0", ("app", Some("0"))),
            ("_apt", ("_apt", None)),
        ] {
            let user = ContainerUser::new(right);
            assert_eq!(user.expect(right).parts(), parts);
        }
        for wrong in [
            "",
            ":",
            "app:",
            ":app",
            "a b",
            "a:b:c",
            "-1",
            "-x",
            "1a",
            "2147483648",
            "ä",
            "a\0b",
            "a/b",
            "a\nb",
        ] {
            assert!(ContainerUser::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_mode_is_octal_and_gives_no_powers() {
        for (right, bits) in [("0755", 0o755), ("644", 0o644), ("0000", 0)] {
            assert_eq!(FileMode::new(right).unwrap().bits(), bits, "{right}");
        }
        for wrong in [
            "", "0", "7", "55", "4755", "1777", "0o755", "0888", "rwx", "00755",
        ] {
            assert!(FileMode::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
