//! Values that people type: an accepted value is harmless and keeps its form.

use garde::Validate;
use models::value::{
    DisplayName, Email, EnvironmentName, EnvironmentValue, ImageReference, Password, ResourceName,
    SecretText, trim::trim,
};
use proptest::{prelude::*, sample::Index};
use serde::{Serialize, de::DeserializeOwned};

const RESOURCE_NAME: &str = "[a-z]([a-z0-9-]{0,61}[a-z0-9])?";
const ENVIRONMENT_NAME: &str = "[A-Za-z_-][A-Za-z0-9_.-]{0,60}";
const IMAGE: &str = "([a-zA-Z0-9]{1,9}\\.[a-z]{2,5}(:[1-9][0-9]{0,3})?/|localhost:5000/|\\[fd00::1\\]:5000/)?\
    [a-z0-9]{1,9}((_|__|-{1,3})[a-z0-9]{1,9}){0,2}(/[a-z0-9]{1,9}(\\.[a-z0-9]{1,9})?){0,2}\
    (:[A-Za-z0-9_][A-Za-z0-9_.-]{0,20})?(@sha256:[0-9a-f]{64})?";

/// Characters with a meaning for a shell, a URL, a header or a terminal.
const METACHARACTERS: &[char] = &[
    ';', '|', '&', '$', '`', '\'', '"', '\\', '\n', '\r', '\0', '\t', ' ', '(', ')', '{', '}', '[',
    ']', '<', '>', '*', '?', '!', '#', '~', '%', '^', '=', ',', '+', '\u{1b}', '\u{202e}', 'ä',
];

/// Generates any text, and many texts that are nearly valid.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zA-Z0-9._:/@=;$ -]{0,80}",
        "[-./]{1,3}[a-z0-9]{1,9}([:/][a-z0-9]{1,9})?",
        RESOURCE_NAME,
        ENVIRONMENT_NAME,
        IMAGE,
        "[a-z]{1,9}@[a-z]{1,9}\\.[a-z]{2,3}",
    ]
}

/// Generates a valid text with one invalid character in it.
///
/// A blank at an end is not invalid, because it is trimmed.
///
/// Such a blank is not invalid: it is trimmed.
fn spoilt(right: &'static str) -> impl Strategy<Value = String> {
    let spoilt = (right, any::<Index>(), prop::sample::select(METACHARACTERS));
    let spoilt = spoilt.prop_map(|(text, at, wrong)| {
        let mut text: Vec<char> = text.chars().collect();
        text.insert(at.index(text.len() + 1), wrong);
        text.into_iter().collect()
    });
    spoilt.prop_filter("a blank at an end", |text: &String| {
        trim(text.clone()) == *text
    })
}

/// Reads a text as from the wire and checks it. Writing and reading an accepted text changes
/// nothing.
fn accepts<T: Serialize + DeserializeOwned + Validate<Context = ()>>(text: &str) -> bool {
    let wire = serde_json::to_string(text).unwrap();
    let value: T = serde_json::from_str(&wire).unwrap();
    let written = serde_json::to_string(&value).unwrap();
    let again: T = serde_json::from_str(&written).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), written);
    value.validate().is_ok()
}

proptest! {
    #[test]
    fn both_ways_to_a_value_check_alike(text in text()) {
        prop_assert_eq!(accepts::<ResourceName>(&text), ResourceName::new(text.as_str()).is_ok());
        prop_assert_eq!(accepts::<DisplayName>(&text), DisplayName::new(text.as_str()).is_ok());
        prop_assert_eq!(accepts::<Email>(&text), Email::new(text.as_str()).is_ok());
        prop_assert_eq!(accepts::<EnvironmentName>(&text), EnvironmentName::new(text.as_str()).is_ok());
        prop_assert_eq!(accepts::<EnvironmentValue>(&text), EnvironmentValue::new(text.as_str()).is_ok());
        prop_assert_eq!(accepts::<ImageReference>(&text), ImageReference::new(text.as_str()).is_ok());
    }

    #[test]
    fn valid_values_are_accepted(name in RESOURCE_NAME, variable in ENVIRONMENT_NAME, image in IMAGE) {
        prop_assert!(accepts::<ResourceName>(&name), "{name:?}");
        prop_assert!(accepts::<EnvironmentName>(&variable), "{variable:?}");
        prop_assert!(accepts::<ImageReference>(&image), "{image:?}");
    }

    #[test]
    fn one_metacharacter_spoils_a_name(
        name in spoilt(RESOURCE_NAME),
        variable in spoilt(ENVIRONMENT_NAME),
        image in spoilt(IMAGE),
    ) {
        prop_assert!(!accepts::<ResourceName>(&name), "{name:?}");
        prop_assert!(!accepts::<EnvironmentName>(&variable), "{variable:?}");
        prop_assert!(!accepts::<ImageReference>(&image), "{image:?}");
    }

    #[test]
    fn no_accepted_value_reads_as_an_option_or_a_path(text in text()) {
        let text = trim(text);
        let leads_out = text.contains("/../") || text.starts_with(['/', '.']);
        for (is_accepted, kind) in [
            (accepts::<ResourceName>(&text), "name"),
            (accepts::<ImageReference>(&text), "image"),
        ] {
            let is_option = text.starts_with('-');
            prop_assert!(!(is_accepted && (leads_out || is_option)), "{text:?} is a {kind}");
        }
        // A variable's name never appears alone on a command line.
        let is_path = text.starts_with("..") || text.contains('/');
        prop_assert!(!(accepts::<EnvironmentName>(&text) && is_path), "{text:?} is a variable");
    }

    #[test]
    fn a_digest_is_what_stands_behind_the_at_sign(image in IMAGE) {
        let reference = ImageReference::new(image.as_str()).unwrap();
        match reference.digest() {
            Some(digest) => {
                prop_assert_eq!(digest.algorithm(), "sha256");
                prop_assert!(image.ends_with(digest.as_str()));
            }
            None => prop_assert!(!image.contains('@')),
        }
    }

    #[test]
    fn no_secret_prints_itself(text in "[a-zA-Z0-9]{12,40}") {
        let printed = format!("{:?} {:?}", SecretText::new(text.as_str()), Password::new(text.as_str()));
        prop_assert!(!printed.contains(&text));
    }
}
