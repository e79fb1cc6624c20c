//! Addresses of servers, as written in settings.

use runner_common::ServerUrl;

use super::{Target, text};

pub(super) const ADDRESSES: Target = Target {
    name: "addresses",
    about: "server URLs in runner settings",
    seeds: &[
        "http://localhost:3000",
        "https://berth.example.org",
        "https://berth.example.org/",
        "https://[::1]:443/",
        "wss://a/b",
        "http://user:password@a",
        "http://a?b#c",
        "http://a:99999",
        "ftp://a",
        "http://",
        "http://a\\@b",
        "HTTP://A",
    ],
    check: |input| {
        let written = text(input);
        if let Ok(url) = written.parse::<ServerUrl>() {
            let shown = url.to_string();
            let behind = shown.split("://").nth(1).unwrap_or_default();
            let authority = behind.split(['/', '?', '#']).next().unwrap_or_default();
            assert!(!authority.contains('@'), "{written:?} has someone's name");
            assert!(!authority.is_empty(), "{written:?} has no host");
            assert!(
                !shown.contains(char::is_control),
                "{written:?} is {shown:?}"
            );
            let again = shown.parse::<ServerUrl>();
            assert_eq!(
                again.map(|url| url.to_string()).ok(),
                Some(shown),
                "{written:?} changes"
            );
        }
    },
};
