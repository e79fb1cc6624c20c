//! Prefixes of URL paths.

use super::checked_text;

/// Servers refuse much longer paths, and nobody types this much.
const MAX_PREFIX: usize = 1024;

checked_text! {
    /// The start of a URL's path: `/api` covers `/api` and `/api/v1`.
    ///
    /// It consists of whole segments and has one spelling: no slash at its end except in `/`, which covers everything, no empty
    /// segment, no `.` or `..`, and nothing percent-encoded.
    PathPrefix, check
}

impl PathPrefix {
    /// The prefix of all paths.
    pub fn root() -> Self {
        Self::trusted("/")
    }
}

fn check(text: &str) -> garde::Result {
    let is_segment = |text: &str| !matches!(text, "" | "." | "..") && text.bytes().all(is_plain);
    let well_formed = match text.strip_prefix('/') {
        Some("") => true,
        Some(segments) => text.len() <= MAX_PREFIX && segments.split('/').all(is_segment),
        None => false,
    };
    if well_formed {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter the start of a path without a slash at its end, for example /api.",
        ))
    }
}

/// True for a character that stands for itself in a path (RFC 3986 §3.3, `pchar`).
fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::PathPrefix;

    #[test]
    fn a_prefix_is_made_of_whole_plain_segments() {
        for right in ["/", "/api", "/api/v1", "/~ada/a:b@c", "/..a"] {
            assert!(PathPrefix::new(right).is_ok(), "{right:?} was refused");
        }
        let long = format!("/{}", "a".repeat(1024));
        for wrong in [
            "", "api", "/api/", "//", "/a//b", "/./a", "/a/..", "/a?b", "/a#b", "/a%20b", "/a b",
            "/ä", "/a\0", &long,
        ] {
            assert!(PathPrefix::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
