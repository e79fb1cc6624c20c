//! The files that browsers load, embedded in the program.

use std::collections::HashMap;

use axum::{
    extract::{Path, Request},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

// `Built`: the files of the folder that this kind of build uses.
include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// The program's logo.
const ICON: &str = include_str!("icon.svg");

/// Caching of addresses with the hash of their content, which never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The files by name, with their common hash.
pub(super) struct Site {
    prefix: String,
    files: HashMap<String, Bytes>,
}

impl Site {
    pub(super) fn load() -> Self {
        let mut hash = Sha256::new();
        let mut files = HashMap::new();
        let mut names: Vec<_> = Built::iter().collect();
        names.sort();
        for name in names {
            if let Some(file) = Built::get(&name) {
                hash.update(name.as_bytes());
                hash.update(file.metadata.sha256_hash());
                let content = match file.data {
                    std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                    std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
                };
                files.insert(name.into_owned(), content);
            }
        }
        // The digest's first eight bytes suffice to distinguish two builds.
        let hash = hash.finalize();
        let hash = hash
            .iter()
            .take(8)
            .fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        Self {
            prefix: format!("/pkg/{hash:016x}"),
            files,
        }
    }

    /// The path of the files; changes with any of them.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn handler(&self) -> MethodRouter {
        let files = self.files.clone();
        get(async move |Path(name): Path<String>, request: Request| {
            answer(&files, &name, request.headers())
        })
    }
}

fn answer(files: &HashMap<String, Bytes>, name: &str, headers: &HeaderMap) -> Response {
    let Some(plain) = files.get(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let compressed = [("br", "br"), ("gz", "gzip")]
        .into_iter()
        .filter(|(_, coding)| accepts(headers, coding))
        .find_map(|(ending, coding)| Some((coding, files.get(&format!("{name}.{ending}"))?)));
    let mut response = match compressed {
        Some((coding, content)) => {
            let mut response = content.clone().into_response();
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
            response
        }
        None => plain.clone().into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type(name));
    headers.insert(header::CACHE_CONTROL, FOR_EVER);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|entry| {
            let (name, quality) = entry.split_once(";q=").unwrap_or((entry, "1"));
            (quality.trim().parse() != Ok(0.0_f32)).then(|| name.trim())
        })
        .any(|name| name == coding)
}

fn content_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.rsplit('.').next() {
        Some("wasm") => "application/wasm",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    })
}

/// The icon at its fixed address.
pub(super) fn icon() -> MethodRouter {
    get(async || {
        let headers = [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CACHE_CONTROL, "public, max-age=86400"),
        ];
        (headers, ICON)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compressed_file_is_sent_only_to_those_who_take_it() {
        let files = HashMap::from([
            ("a.css".to_owned(), Bytes::from_static(b"plain")),
            ("a.css.br".to_owned(), Bytes::from_static(b"small")),
        ]);
        let coding = |accepted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            let response = answer(&files, "a.css", &headers);
            response.headers().get(header::CONTENT_ENCODING).cloned()
        };
        assert_eq!(coding("gzip, br"), Some(HeaderValue::from_static("br")));
        assert_eq!(coding("gzip"), None);
        assert_eq!(coding("br;q=0, gzip"), None);
        assert_eq!(
            answer(&files, "b.css", &HeaderMap::new()).status(),
            StatusCode::NOT_FOUND
        );
    }
}
