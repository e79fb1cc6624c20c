//! Environment variables pasted into a form as a `.env` file.
//!
//! A form with text in its [`PASTE`] area is not sent on to its endpoint, whichever button was
//! pressed. Instead, the page is shown again with the rows filled in and the changes listed,
//! for the person to save.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{field_path, input_name};
use crate::{
    deployment::{MAX_ENVIRONMENT, SpecChange},
    dotenv,
    value::EnvironmentVariable,
};

/// The area for pasting a file.
pub const PASTE: &str = "_paste";
/// The check box that removes variables missing from the file; present if checked.
pub const PASTE_REPLACES: &str = "_paste_replaces";
/// The button that fills in the rows.
pub const PASTE_FILLS: &str = "_paste_fills";
/// The button that shows the rows as a file.
pub const PASTE_SHOWS: &str = "_paste_shows";

/// The field that the rows belong to.
const ENVIRONMENT: &str = "spec.environment";

/// The number of additional rows in a form that may be blank.
const BLANK_ROWS: usize = 100;

/// The paste-related inputs of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PasteRequest {
    /// The pasted file.
    pub text: String,
    /// True if variables that the file does not contain are removed.
    pub replaces: bool,
    /// True if the button that fills in the rows was pressed.
    pub fills: bool,
    /// True if the rows should be shown as a file.
    pub shows: bool,
}

/// The result of a paste, for the page that is shown again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasteResult {
    /// The new content of the area.
    pub text: String,
    /// True if variables that the file does not contain are removed.
    pub replaces: bool,
    /// The errors in the file; if there are any, no rows were filled in.
    pub errors: Vec<String>,
    /// The changes to the rows; `None` if no rows were filled in.
    pub changes: Option<Vec<SpecChange>>,
}

impl PasteRequest {
    /// True if the page should be shown again instead of sending the form on.
    pub fn is_requested(&self) -> bool {
        self.fills || self.shows || !self.text.is_empty()
    }

    /// Records one of the paste-related inputs.
    pub(super) fn take(&mut self, input: &str, value: String) {
        match input {
            PASTE => self.text = value,
            PASTE_REPLACES => self.replaces = !value.is_empty(),
            PASTE_FILLS => self.fills = true,
            PASTE_SHOWS => self.shows = true,
            _ => {}
        }
    }

    /// Applies the paste to the fields of the form.
    pub fn apply(self, fields: &mut Vec<(String, String)>) -> PasteResult {
        let before = rows(fields);
        if before.len() > MAX_ENVIRONMENT + BLANK_ROWS {
            let message = format!("Too many rows. The limit is {MAX_ENVIRONMENT}.");
            return PasteResult {
                text: String::new(),
                replaces: self.replaces,
                errors: vec![message],
                changes: None,
            };
        }
        if self.shows && self.text.trim().is_empty() {
            let own = before.iter().filter(|row| row.secret_id.is_empty());
            return PasteResult {
                text: dotenv::write(own.map(|row| (row.name.as_str(), row.value.as_str()))),
                replaces: true,
                errors: Vec::new(),
                changes: None,
            };
        }
        let refused = |text, errors| PasteResult {
            text,
            replaces: self.replaces,
            errors,
            changes: None,
        };
        let variables = match dotenv::parse(&self.text) {
            Ok(variables) if variables.is_empty() && !self.replaces => {
                let message = "No variables found. Paste lines such as NAME=value.";
                return refused(self.text, vec![message.to_owned()]);
            }
            Ok(variables) => variables,
            Err(errors) => {
                let errors = errors.iter().map(ToString::to_string).collect();
                return refused(self.text, errors);
            }
        };
        let after = merged(&before, &variables, self.replaces);
        if after.len() > MAX_ENVIRONMENT {
            let message = format!("This would exceed the limit of {MAX_ENVIRONMENT} variables.");
            return refused(self.text, vec![message]);
        }
        fields.retain(|(input, _)| place(input).is_none());
        for (number, row) in after.iter().enumerate() {
            for (half, value) in row.halves() {
                let input = input_name(&format!("{ENVIRONMENT}[{number}].{half}"));
                fields.push((input, value.to_owned()));
            }
        }
        PasteResult {
            text: String::new(),
            replaces: self.replaces,
            errors: Vec::new(),
            changes: Some(diff(&before, &after)),
        }
    }
}

/// A row of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    name: String,
    value: String,
    secret_id: String,
}

impl Row {
    fn of(variable: &EnvironmentVariable) -> Self {
        Self {
            name: variable.name.to_string(),
            value: variable.value.as_str().to_owned(),
            secret_id: String::new(),
        }
    }

    /// Returns the inputs that are not empty.
    fn halves(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let halves = [
            ("name", self.name.as_str()),
            ("value", &self.value),
            ("secret_id", &self.secret_id),
        ];
        halves.into_iter().filter(|(_, value)| !value.is_empty())
    }

    /// Returns the value as shown to people, without the value of a secret.
    fn says(&self) -> String {
        if self.secret_id.is_empty() {
            self.value.clone()
        } else {
            "the value of a secret".to_owned()
        }
    }
}

/// Returns the row and the half of an environment input.
fn place(input: &str) -> Option<(usize, String)> {
    let path = field_path(input);
    let rest = path.strip_prefix(ENVIRONMENT)?.strip_prefix('[')?;
    let (row, half) = rest.split_once("].")?;
    Some((row.parse().ok()?, half.to_owned()))
}

fn rows(fields: &[(String, String)]) -> Vec<Row> {
    let mut rows: BTreeMap<usize, Row> = BTreeMap::new();
    for (input, value) in fields {
        let Some((number, half)) = place(input) else {
            continue;
        };
        let row = rows.entry(number).or_default();
        let value = crate::value::newlines::line_feeds(value.clone());
        match half.as_str() {
            "name" => row.name = crate::value::trim::trim(value),
            "value" => row.value = value,
            "secret_id" => row.secret_id = value,
            _ => {}
        }
    }
    rows.into_values().collect()
}

/// Merges the rows with a file.
///
/// A file cannot express a variable whose value is a secret, so such a variable stays unless
/// the file names it.
fn merged(before: &[Row], file: &[EnvironmentVariable], replaces: bool) -> Vec<Row> {
    let named = |row: &Row| {
        let mut file = file.iter();
        file.find(|variable| variable.name.as_str() == row.name)
    };
    let kept = before.iter().filter_map(|row| match named(row) {
        Some(variable) => Some(Row::of(variable)),
        None if replaces && row.secret_id.is_empty() => None,
        None => Some(row.clone()),
    });
    let is_new = |variable: &&EnvironmentVariable| {
        let mut before = before.iter();
        !before.any(|row| row.name == variable.name.as_str())
    };
    let new = file.iter().filter(is_new).map(Row::of);
    kept.chain(new).collect()
}

fn diff(before: &[Row], after: &[Row]) -> Vec<SpecChange> {
    let find = |rows: &[Row], name: &str| {
        let mut rows = rows.iter();
        rows.find(|row| row.name == name).map(Row::says)
    };
    let gone = before.iter().filter(|row| find(after, &row.name).is_none());
    let mut changes: Vec<_> = after
        .iter()
        .chain(gone)
        .map(|row| SpecChange {
            what: row.name.clone(),
            before: find(before, &row.name),
            after: find(after, &row.name),
        })
        .collect();
    changes.retain(|change| change.before != change.after);
    changes
}
