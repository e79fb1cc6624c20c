//! Registries at internal addresses of a runner's host.

use super::{RegistryHost, checked_text, registry::is_host};

/// The suffix that stands for all ports.
const ANY_PORT: &str = ":*";

checked_text! {
    /// A registry that may be at an internal address of the runner's host.
    ///
    /// It is a host as at the start of image names, for example `127.0.0.1:5000`, or with a
    /// star for all ports, as in `localhost:*`.
    InternalRegistry, check
}

impl InternalRegistry {
    /// True if the pattern covers this registry.
    pub fn covers(&self, host: &RegistryHost) -> bool {
        let named = match self.as_str().strip_suffix(ANY_PORT) {
            None => self.as_str().to_owned(),
            Some(name) => match host.as_str().rsplit_once(':') {
                Some((_, port)) if !port.contains(']') => format!("{name}:{port}"),
                _ => return false,
            },
        };
        RegistryHost::from(named) == *host
    }
}

fn check(text: &str) -> garde::Result {
    let host = match text.strip_suffix(ANY_PORT) {
        Some(name) => format!("{name}:1"),
        None => text.to_owned(),
    };
    if is_host(&host) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter a registry host, for example 127.0.0.1:5000, or localhost:* for any port.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::InternalRegistry;
    use crate::value::RegistryHost;

    fn covers(written: &str, host: &str) -> bool {
        let host = RegistryHost::new(host).unwrap();
        InternalRegistry::new(written).unwrap().covers(&host)
    }

    #[test]
    fn a_registry_is_named_with_its_port_or_with_a_star() {
        assert!(covers("127.0.0.1:5000", "127.0.0.1:5000"));
        assert!(covers("127.0.0.1:*", "127.0.0.1:5000"));
        assert!(covers("localhost", "localhost"));
        assert!(covers("[::1]:*", "[0:0::1]:5000"));
        for (written, host) in [
            ("127.0.0.1:5000", "127.0.0.1:5001"),
            ("127.0.0.1:5000", "127.0.0.1"),
            ("127.0.0.1:*", "127.0.0.1"),
            ("127.0.0.1:*", "127.0.0.11:5000"),
            ("localhost", "localhost:5000"),
            ("a.local:*", "b.a.local:1"),
        ] {
            assert!(!covers(written, host), "{written} covers {host}");
        }
    }

    #[test]
    fn an_invalid_host_is_refused() {
        for wrong in [
            "",
            "*",
            ":*",
            "a",
            "*:5000",
            "a.b/c",
            "http://a.b",
            "a.b:*:*",
            "a.b:**",
        ] {
            assert!(InternalRegistry::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
