//! The page to open after a form succeeded.

use serde_json::Value;

/// Replaces each `{a.b}` in a success path with a value of the response.
///
/// Returns `None` if a value is missing or the path would leave this site.
pub fn success_path(template: &str, answer: &Value) -> Option<String> {
    let mut path = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        let value = name
            .split('.')
            .try_fold(answer, |value, key| value.get(key))?;
        path.push_str(before);
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        path.extend(percent_encoding::utf8_percent_encode(
            &text,
            crate::client::SEGMENT,
        ));
        rest = after;
    }
    path.push_str(rest);
    is_local(&path).then_some(path)
}

/// True if a path stays on this site.
///
/// It begins with one slash, and contains nothing that a browser reads as a host.
pub fn is_local(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && !path.bytes().any(|b| b.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_local, success_path};

    #[test]
    fn a_success_path_takes_values_from_the_answer_and_stays_on_the_site() {
        let answer = json!({"deployment": {"deployment_id": "d-1"}, "evil": "//x"});
        assert_eq!(
            success_path("/d/{deployment.deployment_id}", &answer).unwrap(),
            "/d/d-1"
        );
        assert_eq!(success_path("/d/{deployment.name}", &answer), None);
        assert_eq!(success_path("https://example.org", &answer), None);
        assert_eq!(success_path("/{evil}", &answer).unwrap(), "/%2F%2Fx");
        for outside in [
            "//example.org",
            "/\\example.org",
            "example.org",
            "",
            "/a\nb",
        ] {
            assert!(!is_local(outside), "{outside:?} passed as local");
        }
    }
}
