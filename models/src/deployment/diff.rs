//! Differences between two specifications, for people.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Spec;

/// A difference between two specifications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecChange {
    /// The name of the setting, for example `image` or `environment GREETING`.
    pub what: String,
    /// The value in the first specification; `None` if it is not set.
    pub before: Option<String>,
    /// The value in the second specification; `None` if it is not set.
    pub after: Option<String>,
}

/// Returns all differences between two specifications, in the order of the fields.
pub fn diff(before: &Spec, after: &Spec) -> Vec<SpecChange> {
    let (before, after) = (facts(before), facts(after));
    let find = |facts: &[Fact], what: &str| {
        let fact = facts.iter().find(|(name, _)| name == what);
        fact.map(|(_, value)| value.clone())
    };
    let gone = before
        .iter()
        .filter(|(what, _)| find(&after, what).is_none());
    let mut changes: Vec<_> = after
        .iter()
        .chain(gone)
        .map(|(what, _)| SpecChange {
            what: what.clone(),
            before: find(&before, what),
            after: find(&after, what),
        })
        .collect();
    changes.retain(|change| change.before != change.after);
    changes
}

/// The name and the value of a setting.
type Fact = (String, String);

/// Returns all settings of a specification.
fn facts(spec: &Spec) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Ok(value) = serde_json::to_value(spec) {
        collect(String::new(), &value, &mut facts);
    }
    facts
}

fn collect(what: String, value: &Value, facts: &mut Vec<Fact>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('_', " ");
                collect(joined(&what, &name), value, facts);
            }
        }
        Value::Array(items) => {
            for (item, number) in items.iter().zip(1..) {
                match named(item) {
                    Some((name, value)) => {
                        facts.push((joined(&what, &name), value));
                        facts.extend(of_file(&joined(&what, &name), item));
                    }
                    None => collect(joined(&what, &number.to_string()), item, facts),
                }
            }
        }
        Value::String(text) => facts.push((what, text.clone())),
        other => facts.push((what, other.to_string())),
    }
}

/// Identifies a list item by its own name instead of its position, if it has one.
fn named(item: &Value) -> Option<Fact> {
    let text = |field| item.get(field).and_then(Value::as_str).map(str::to_owned);
    let is_hidden = item.get("is_hidden") == Some(&Value::Bool(true));
    let shown = |value| {
        if is_hidden {
            "hidden".to_owned()
        } else {
            value
        }
    };
    if let (Some(name), Some(secret)) = (text("name"), text("secret_id")) {
        return Some((name, format!("secret {secret}")));
    }
    if let (Some(name), Some(value)) = (text("name"), text("value")) {
        return Some((name, shown(value)));
    }
    if let (Some(path), Some(volume)) = (text("path"), text("volume_id")) {
        return Some((path, format!("volume {volume}")));
    }
    if let (Some(path), Some(secret)) = (text("path"), text("secret_id")) {
        return Some((path, format!("secret {secret}")));
    }
    if let (Some(path), Some(content)) = (text("path"), text("content")) {
        return Some((path, shown(content)));
    }
    let number = item.get("number").and_then(Value::as_u64)?;
    Some((number.to_string(), text("protocol")?))
}

/// Returns the permissions and the owner of a configuration file, if set.
fn of_file(what: &str, item: &Value) -> Vec<Fact> {
    let fact = |field| {
        let text = item.get(field)?.as_str()?.to_owned();
        Some((joined(what, field), text))
    };
    ["mode", "owner"].into_iter().filter_map(fact).collect()
}

fn joined(what: &str, name: &str) -> String {
    if what.is_empty() {
        name.to_owned()
    } else {
        format!("{what} {name}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SpecChange, diff};
    use crate::deployment::Spec;

    fn spec(value: serde_json::Value) -> Spec {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn only_differences_are_listed_by_name() {
        let before = spec(json!({
            "image": "app:1",
            "ports": [{"number": 80}],
            "environment": [
                {"name": "SAME", "value": "1"}, {"name": "OLD", "value": "2"},
            ],
            "resources": {"memory_mib": 64},
        }));
        let after = spec(json!({
            "image": "app:2",
            "ports": [{"number": 80, "protocol": "tcp"}],
            "environment": [
                {"name": "NEW", "value": ""}, {"name": "SAME", "value": "1"},
            ],
            "resources": {"memory_mib": 128},
        }));
        let found = diff(&before, &after);
        let expected = [
            ("image", Some("app:1"), Some("app:2")),
            ("ports 80", Some("http"), Some("tcp")),
            ("environment NEW", None, Some("")),
            ("resources memory mib", Some("64"), Some("128")),
            ("environment OLD", Some("2"), None),
        ];
        let expected = expected.map(|(what, before, after)| SpecChange {
            what: what.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        });
        let mut sorted = found.clone();
        sorted.sort_by(|a, b| a.what.cmp(&b.what));
        let mut wanted = expected.to_vec();
        wanted.sort_by(|a, b| a.what.cmp(&b.what));
        assert_eq!(sorted, wanted);
        assert_eq!(diff(&after, &after), []);
    }

    #[test]
    fn mode_and_owner_of_a_file_are_listed_beside_its_content() {
        let file = |more: serde_json::Value| {
            let mut file = json!({"path": "/run.sh", "content": "a"});
            file.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            spec(json!({"image": "app", "config_files": [file]}))
        };
        let before = file(json!({"owner": "1000"}));
        let found = diff(&before, &file(json!({"mode": "0755", "owner": "1001"})));
        let told: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.what.as_str(),
                    one.before.as_deref(),
                    one.after.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("config files /run.sh mode", None, Some("0755")),
                ("config files /run.sh owner", Some("1000"), Some("1001")),
            ]
        );
    }
}
