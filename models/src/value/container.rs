//! Paths, arguments and file contents inside a container.

mod system;

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor, value::SeqAccessDeserializer},
};

use super::checked_text;

/// Linux limits a path to 4096 bytes, including its NUL (`PATH_MAX`, `limits.h`).
const MAX_PATH: usize = 4095;
/// Linux limits one argument to 128 KiB (`MAX_ARG_STRLEN`, `execve(2)`). Nobody types that
/// much.
const MAX_ARGUMENT: usize = 32 * 1024;
/// Larger files belong in the image or a volume.
const MAX_FILE: usize = 256 * 1024;
/// Servers refuse longer ones.
const MAX_URL_PATH: usize = 2048;

checked_text! {
    /// An absolute path inside a container, without `.` and `..`.
    ContainerPath, check_path
}

checked_text! {
    /// One argument of a command: any text without NUL. No shell interprets it.
    Argument, check_argument, verbatim
}

checked_text! {
    /// The text of a file. Its line breaks are LF. It never prints itself.
    FileContent, check_file, hidden lines
}

checked_text! {
    /// The path of a URL, optionally with a query, for example `/healthz`.
    UrlPath, check_url_path
}

fn check_path(text: &str) -> garde::Result {
    let well_formed = text.len() <= MAX_PATH
        && text.starts_with('/')
        && !text.chars().any(char::is_control)
        && (text == "/"
            || text
                .split('/')
                .skip(1)
                .all(|part| !matches!(part, "" | "." | "..")));
    if well_formed {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter an absolute path without . and .., for example /etc/app.toml.",
        ))
    }
}

fn check_argument(text: &str) -> garde::Result {
    if text.contains('\0') {
        return Err(garde::Error::new(
            "An argument cannot contain a NUL character.",
        ));
    }
    if text.len() > MAX_ARGUMENT {
        return Err(garde::Error::new("An argument can be at most 32 KiB."));
    }
    Ok(())
}

fn check_file(text: &str) -> garde::Result {
    if text.len() > MAX_FILE {
        return Err(garde::Error::new("A file can be at most 256 KiB."));
    }
    Ok(())
}

fn check_url_path(text: &str) -> garde::Result {
    let well_formed = text.len() <= MAX_URL_PATH
        && text.starts_with('/')
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    if well_formed {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter the path of a URL, for example /healthz.",
        ))
    }
}

/// Reads a list of arguments, or a string with one per line or with a JSON list.
///
/// Forms send a text.
///
/// # Errors
/// Those of the deserializer.
pub fn lines<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Argument>, D::Error> {
    struct Lines;

    impl<'de> Visitor<'de> for Lines {
        type Value = Vec<Argument>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of arguments, or a string with one argument per line")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            // A text that is not a JSON list may still be the name of a program, such as `[`.
            let list = text.starts_with('[').then(|| serde_json::from_str(text));
            Ok(match list {
                Some(Ok(list)) => list,
                _ => text.lines().map(Argument::trusted).collect(),
            })
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(list))
        }
    }

    deserializer.deserialize_any(Lines)
}

#[cfg(test)]
mod tests {
    use super::{Argument, ContainerPath, UrlPath};

    #[test]
    fn paths_lead_nowhere_else() {
        for right in ["/", "/a", "/etc/app.toml", "/a b/$(id)", "/..a/.b"] {
            assert!(ContainerPath::new(right).is_ok(), "{right:?} was refused");
        }
        for wrong in [
            "", "a", "./a", "/a/", "//", "/a//b", "/a/../b", "/..", "/.", "/a\0b", "/a\nb", "C:\\a",
        ] {
            assert!(ContainerPath::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn arguments_may_be_anything_without_nul() {
        for right in ["", "; rm -rf /", "$(id)", "a\nb", "-x"] {
            assert!(Argument::new(right).is_ok(), "{right:?} was refused");
        }
        assert!(Argument::new("a\0b").is_err());
    }

    #[test]
    fn a_url_path_cannot_begin_another_line_of_a_request() {
        for right in ["/", "/healthz?full=1", "/a%20b"] {
            assert!(UrlPath::new(right).is_ok(), "{right:?} was refused");
        }
        for wrong in ["", "healthz", "/a b", "/a\r\nHost: x", "/#a", "http://a/"] {
            assert!(UrlPath::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
