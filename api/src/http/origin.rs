//! Cross-site request protection for changes and streams.
//!
//! Such requests must come from Berth's own pages or from a program, never from another site's
//! page that uses the visitor's cookie.

use http::{HeaderMap, header};

/// True if a request comes from Berth's own pages or from a program.
///
/// Browsers declare the origin themselves (Fetch Metadata, W3C). The few without Fetch Metadata
/// send `Origin` with every cross-site `POST` and every WebSocket. It must match the configured
/// public URL: the `Host` header is the sender's to choose and proves nothing. A request with
/// neither header comes from a program, which has no visitor's cookie to abuse. If it carries a
/// cookie all the same, it is refused.
pub fn is_from_own_pages(headers: &HeaderMap, public_origin: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    match text(header::ORIGIN) {
        Some(origin) => origin.eq_ignore_ascii_case(public_origin),
        None => !headers.contains_key(header::COOKIE),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName};

    fn allowed(headers: &[(&'static str, &str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        super::is_from_own_pages(&headers, "https://berth.example.org")
    }

    #[test]
    fn other_sites_are_refused() {
        assert!(allowed(&[
            ("sec-fetch-site", "same-origin"),
            ("cookie", "a")
        ]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&[
            ("sec-fetch-site", "same-site"),
            ("cookie", "a")
        ]));
        assert!(allowed(&[
            ("origin", "https://berth.example.org"),
            ("cookie", "a")
        ]));
        assert!(!allowed(&[
            ("origin", "https://evil.example"),
            ("host", "berth.example.org")
        ]));
        assert!(!allowed(&[("origin", "null"), ("cookie", "a")]));
        assert!(allowed(&[]));
        assert!(!allowed(&[("cookie", "a")]));
    }

    #[test]
    fn a_host_header_makes_no_origin_our_own() {
        for (origin, host) in [
            ("http://evil", "evil"),
            ("https://evil.example", "evil.example"),
            ("http://localhost:3000", "localhost:3000"),
            ("http://berth.example.org", "berth.example.org"),
        ] {
            for more in [("cookie", "a"), ("accept", "*/*")] {
                let headers = [("origin", origin), ("host", host), more];
                assert!(!allowed(&headers), "{origin} with {host}");
            }
        }
    }
}
