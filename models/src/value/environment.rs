//! Environment variables of a workload.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::checked_text;
use crate::SecretId;

/// Longer names are a mistake, not a need.
const MAX_NAME: usize = 256;
/// Maximum length of a value, in bytes.
///
/// Linux limits one argument or variable to 128 KiB (`MAX_ARG_STRLEN`, `execve(2)`). The name and
/// the equals sign count too.
const MAX_VALUE: usize = 96 * 1024;

checked_text! {
    /// The name of an environment variable.
    ///
    /// It consists of letters, digits, underscores, hyphens and dots, and does not begin with a
    /// digit or with two dots. This is the rule of Kubernetes for names in an `envFrom` source
    /// (`validation.IsEnvVarName`), so `discovery.type` and `spring.datasource.url` are valid.
    /// Since version 1.34, Kubernetes also accepts any other printable ASCII character except
    /// `=`. Those have a meaning for parsers of `.env` files and for shells, so they are
    /// refused here.
    EnvironmentName, check_name
}

checked_text! {
    /// The value of an environment variable: any text without NUL. Its line breaks are LF.
    ///
    /// It never prints itself, because it is often a secret.
    EnvironmentValue, check_value, hidden lines
}

/// One environment variable of a workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnvironmentVariable {
    /// The variable's name.
    #[garde(dive)]
    pub name: EnvironmentName,
    /// The variable's value; may be empty.
    ///
    /// It is empty if `secret_id` names the source, and if `is_hidden` is set. Line breaks are
    /// stored as LF: CR LF and CR become LF.
    #[garde(dive)]
    #[serde(default)]
    pub value: EnvironmentValue,
    /// The secret that provides the value. Each release uses the secret's value at that time.
    #[garde(custom(one_source(self.value.as_str())))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_id: Option<SecretId>,
    /// True if the value is redacted.
    ///
    /// In a response: the variable has a value of its own that your role does not allow you to
    /// see. In a request: the variable keeps its current value.
    #[garde(custom(nothing_beside(self.value.as_str(), self.secret_id)))]
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_hidden: bool,
}

/// Checks that there is either a text or a secret, not both.
pub(crate) fn one_source(text: &str) -> impl FnOnce(&Option<SecretId>, &()) -> garde::Result {
    let has_text = !text.is_empty();
    move |secret, ()| {
        if secret.is_some() && has_text {
            Err(garde::Error::new(
                "Enter a value or choose a secret, not both.",
            ))
        } else {
            Ok(())
        }
    }
}

/// Checks that a redacted value, which is kept, comes without a new one.
pub(crate) fn nothing_beside(
    text: &str,
    secret: Option<SecretId>,
) -> impl FnOnce(&bool, &()) -> garde::Result {
    let has_other = !text.is_empty() || secret.is_some();
    move |is_hidden, ()| {
        if *is_hidden && has_other {
            Err(garde::Error::new(
                "A hidden variable keeps its saved value. Omit the value and the secret, or omit \
                 `is_hidden`.",
            ))
        } else {
            Ok(())
        }
    }
}

pub(crate) const fn is_false(value: &bool) -> bool {
    !*value
}

impl EnvironmentVariable {
    /// Creates a variable with a value of its own.
    pub const fn plain(name: EnvironmentName, value: EnvironmentValue) -> Self {
        Self {
            name,
            value,
            secret_id: None,
            is_hidden: false,
        }
    }
}

fn check_name(text: &str) -> garde::Result {
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
    let well_formed = (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(is_of_name)
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.starts_with("..")
        && text != ".";
    if well_formed {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Use letters, digits, underscores, hyphens and dots. Do not start with a digit.",
        ))
    }
}

fn check_value(text: &str) -> garde::Result {
    if text.contains('\0') {
        return Err(garde::Error::new("A value cannot contain a NUL character."));
    }
    if text.len() > MAX_VALUE {
        return Err(garde::Error::new("A value can be at most 96 KiB."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{EnvironmentName, EnvironmentValue, EnvironmentVariable};

    #[test]
    fn names_with_metacharacters_are_refused() {
        for right in [
            "A",
            "_a1",
            "DATABASE_URL",
            "discovery.type",
            "spring.datasource.url",
            "xpack.security.enabled",
            "my-app.key",
            "-e",
            ".a",
        ] {
            assert!(EnvironmentName::new(right).is_ok(), "{right:?} was refused");
        }
        for wrong in [
            "", "1A", "A=B", "A B", "A;id", "$(id)", "A\nB", "A\0", ".", "..", "..A", "Ä", "A[0]",
            "A:B", "A/B",
        ] {
            assert!(EnvironmentName::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_value_does_not_print_itself() {
        let name = EnvironmentName::new("A").unwrap();
        let value = EnvironmentValue::new("canary").unwrap();
        let variable = EnvironmentVariable::plain(name, value);
        assert!(!format!("{variable:?}").contains("canary"));
    }

    #[test]
    fn values_may_be_anything_without_nul() {
        for right in ["", "$(id)", "a\nb", "\"quoted\"", "ü"] {
            assert!(
                EnvironmentValue::new(right).is_ok(),
                "{right:?} was refused"
            );
        }
        assert!(EnvironmentValue::new("a\0b").is_err());
    }
}
