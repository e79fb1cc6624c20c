//! The registry: the endpoints, their callers and their responses.

use std::{collections::BTreeSet, fmt::Write};

use models::{
    api::ALL,
    endpoint::{Access, EndpointInfo},
};

#[test]
fn the_registry_is_as_it_was_agreed() {
    let mut all = String::new();
    for info in ALL {
        all.push_str(&described(info));
        all.push('\n');
    }
    insta::assert_snapshot!(all);
}

fn described(info: &EndpointInfo) -> String {
    let kind = match (info.stream, info.paginated) {
        (true, _) => "a stream".to_owned(),
        (false, true) => format!("{}, a page", info.success.as_u16()),
        (false, false) if info.text => format!("{}, plain text", info.success.as_u16()),
        (false, false) => info.success.as_u16().to_string(),
    };
    let access = match info.access {
        Access::Public => "anyone".to_owned(),
        Access::SignedIn => "anyone who is signed in".to_owned(),
        Access::Runner => "a runner".to_owned(),
        Access::Permission { permission, on } => format!("{permission} on {on}"),
    };
    let mut text = format!("{}\n", info.name);
    let mut line = |key: &str, value: &str| writeln!(text, "  {key}: {value}").unwrap();
    line("request", &format!("{} {}", info.method, info.path));
    line("success", &kind);
    line("access", &access);
    line("rate", &format!("{:?}", info.rate));
    line("audit", info.audit.unwrap_or("-"));
    line("errors", &format!("{:?}", info.errors()));
    text
}

#[test]
fn every_endpoint_has_a_name_and_an_address_of_its_own() {
    let mut names = BTreeSet::new();
    let mut addresses = BTreeSet::new();
    for info in ALL {
        assert!(
            names.insert(info.name),
            "two endpoints are called {}",
            info.name
        );
        let address = (info.method.as_str(), info.path);
        assert!(
            addresses.insert(address),
            "{} has the address of another one",
            info.name
        );
    }
}

#[test]
fn no_fixed_segment_stands_where_a_name_may() {
    let is_field = |segment: &str| segment.starts_with('{');
    for info in ALL {
        for (field, _) in info.path_fields.iter().filter(|(_, kind)| kind.is_some()) {
            let (before, _) = info.path.split_once(&format!("{{{field}}}")).unwrap();
            for other in ALL {
                let Some(rest) = other.path.strip_prefix(before) else {
                    continue;
                };
                let segment = rest.split('/').next().unwrap_or_default();
                assert!(
                    is_field(segment),
                    "{} hides a {field} called `{segment}`",
                    other.name
                );
            }
        }
    }
}

#[test]
fn names_in_a_path_are_looked_up_in_its_scope() {
    for info in ALL {
        let takes_names = info.path_fields.iter().any(|(_, kind)| kind.is_some());
        let has_scope = matches!(info.access, Access::Permission { .. });
        assert!(!takes_names || has_scope, "{} has no scope", info.name);
    }
}

#[test]
fn the_audit_log_s_words_are_a_noun_and_a_verb_and_never_the_same() {
    let mut seen = BTreeSet::new();
    for info in ALL {
        let Some(action) = info.audit else { continue };
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        let parts: Vec<_> = action.split('.').collect();
        assert!(
            parts.len() == 2 && parts.iter().all(|part| is_word(part)),
            "{}: `{action}` is not `noun.verb`",
            info.name
        );
        assert!(
            seen.insert(action),
            "{}: another endpoint is recorded as `{action}`",
            info.name
        );
    }
}
