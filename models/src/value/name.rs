//! Names of resources and people.

use super::checked_text;

/// The longest label of a host name (RFC 1035 §2.3.4). A name can thus become one.
const MAX_RESOURCE_NAME: usize = 63;
/// The most characters of a display name.
pub const MAX_DISPLAY_NAME: usize = 100;

checked_text! {
    /// The name of a resource: lower-case letters, digits and hyphens.
    ///
    /// It is usable as a host name.
    ResourceName, check_resource_name
}

checked_text! {
    /// The name of a person: any text of one line.
    DisplayName, check_display_name
}

checked_text! {
    /// The name of a secret: letters, digits, underscores, hyphens and dots.
    SecretName, check_secret_name
}

/// Refuses a name that would be read as an id wherever either may stand.
fn is_not_an_id(text: &str) -> garde::Result {
    if uuid::Uuid::try_parse(text).is_ok() {
        return Err(garde::Error::new("Use a name that is not a UUID."));
    }
    Ok(())
}

fn check_secret_name(text: &str) -> garde::Result {
    let well_formed = text.len() <= MAX_RESOURCE_NAME
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    if well_formed {
        is_not_an_id(text)
    } else {
        Err(garde::Error::new(
            "Use 1 to 63 letters, digits, underscores, hyphens and dots. Start with a letter.",
        ))
    }
}

fn check_resource_name(text: &str) -> garde::Result {
    let well_formed = text.len() <= MAX_RESOURCE_NAME
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if well_formed {
        is_not_an_id(text)
    } else {
        Err(garde::Error::new(
            "Use 1 to 63 lowercase letters, digits and hyphens. Start with a letter.",
        ))
    }
}

fn check_display_name(text: &str) -> garde::Result {
    let length = text.chars().count();
    if text.trim().is_empty() || length > MAX_DISPLAY_NAME {
        return Err(garde::Error::new("Use 1 to 100 characters."));
    }
    if text.chars().any(char::is_control) {
        return Err(garde::Error::new("Use a single line of text."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{DisplayName, ResourceName, SecretName};

    #[test]
    fn a_resource_name_can_be_a_host_name() {
        for right in ["a", "hello", "my-app-2"] {
            assert!(ResourceName::new(right).is_ok(), "{right:?} was refused");
        }
        let long = "a".repeat(64);
        for wrong in [
            "",
            "-a",
            "a-",
            "1a",
            "A",
            "a_b",
            "a b",
            "a\nb",
            "ä",
            "$(id)",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            long.as_str(),
        ] {
            assert!(ResourceName::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_secret_name_is_one_plain_word() {
        for right in ["a", "_A", "STRIPE_KEY", "db.password-2"] {
            assert!(SecretName::new(right).is_ok(), "{right:?} was refused");
        }
        let id = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11";
        for wrong in ["", "1a", "-a", "a b", "a/b", "a$b", "a\nb", "ä", id] {
            assert!(SecretName::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_display_name_is_one_line() {
        assert!(DisplayName::new("Ada Lovelace").is_ok());
        for wrong in ["", "  ", "a\nb", "a\0b"] {
            assert!(DisplayName::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
