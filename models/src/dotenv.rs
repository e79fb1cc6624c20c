//! Files of environment variables, commonly named `.env`.
//!
//! Variables are never expanded: `$HOME` and `${HOME}` are plain text, so that no file can read
//! the server's own environment. Ambiguous lines are errors that name the line.

mod cursor;

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
};

use serde::{Deserialize, Serialize};

use crate::deployment::MAX_ENVIRONMENT;
use crate::value::{EnvironmentName, EnvironmentValue, EnvironmentVariable, newlines::line_feeds};
use cursor::Cursor;

/// The most errors that are reported.
const MAX_ERRORS: usize = 20;

/// An error in a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineError {
    /// The line number, from 1; the first line of a value that spans several.
    pub line: usize,
    /// The error, without any content of the line.
    pub message: String,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line {}: {}", self.line, self.message)
    }
}

/// Parses a file, as far as all common parsers agree.
///
/// These are Docker Compose, Node, Python, Ruby and Go.
///
/// A line is `NAME=value`, optionally with `export` before it. Empty lines and lines that begin
/// with `#` are skipped. An unquoted value extends to the end of its line, or to a `#` after
/// white space. A value in single quotes or backquotes is literal and may span several lines. A
/// value in double quotes may too, and may contain the escapes `\n`, `\r`, `\t` and a backslash
/// before `\`, `"`, `'`, `` ` `` or `$`. Any other backslash in double quotes is kept, as
/// Compose does; one before `a`, `b`, `c`, `f`, `v` or a digit is refused, because parsers
/// differ there. A comment may follow a closing quote.
///
/// A name may occur twice with the same value. With two values, most parsers silently take the
/// last one, so here it is an error.
///
/// # Errors
/// The errors, line by line; only the first ones of very many.
pub fn parse(text: &str) -> Result<Vec<EnvironmentVariable>, Vec<LineError>> {
    let text = line_feeds(text.to_owned());
    let mut cursor = Cursor::new(text.strip_prefix('\u{feff}').unwrap_or(&text));
    let (mut variables, mut errors) = (Vec::new(), Vec::new());
    let mut seen: HashMap<EnvironmentName, (usize, EnvironmentValue)> = HashMap::new();
    while let Some(line) = cursor.next_line() {
        match variable(&mut cursor) {
            Ok(variable) => match seen.entry(variable.name.clone()) {
                Entry::Vacant(first) => {
                    first.insert((line, variable.value.clone()));
                    variables.push(variable);
                }
                Entry::Occupied(first) if first.get().1 == variable.value => {}
                Entry::Occupied(first) => {
                    let (first, name) = (first.get().0, variable.name);
                    let message = format!("{name} already has a different value on line {first}.");
                    errors.push(LineError { line, message });
                }
            },
            Err(message) => errors.push(LineError { line, message }),
        }
        // Stop once enough errors are known: the file may come from the network.
        if errors.len() >= MAX_ERRORS {
            break;
        }
        if variables.len() > MAX_ENVIRONMENT {
            let message = format!("Too many variables. The limit is {MAX_ENVIRONMENT}.");
            errors.push(LineError { line, message });
            break;
        }
    }
    if errors.is_empty() {
        Ok(variables)
    } else {
        Err(errors)
    }
}

fn variable(cursor: &mut Cursor<'_>) -> Result<EnvironmentVariable, String> {
    let name = cursor.name()?;
    // Read the value even if the name is wrong: otherwise its lines would be read as more
    // variables.
    let value = cursor.value();
    let name = EnvironmentName::new(name).map_err(|report| first_message(&report))?;
    let value = value?;
    // An escaped CR is a line break like any other.
    let value =
        EnvironmentValue::new(line_feeds(value)).map_err(|report| first_message(&report))?;
    Ok(EnvironmentVariable::plain(name, value))
}

fn first_message(report: &garde::Report) -> String {
    let mut errors = report.iter();
    errors.next().map_or_else(String::new, |(_, error)| {
        format!("Invalid name or value. {error}")
    })
}

/// Writes variables so that [`parse`] and other parsers read back the same.
pub fn write<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let lines = variables
        .into_iter()
        .map(|(name, value)| format!("{name}={}\n", quoted(value)));
    lines.collect()
}

fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else if !value.contains('\'') {
        format!("'{value}'")
    } else {
        let mut text = String::with_capacity(value.len() + 2);
        for c in value.chars() {
            if matches!(c, '\\' | '"' | '$' | '`') {
                text.push('\\');
            }
            text.push(c);
        }
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests;
