//! Files of environment variables, as people keep them under the name `.env`.
//!
//! Nothing is ever filled in: `$HOME` and `${HOME}` are text like any other, so that no file can
//! ask for what the server has in its own environment. What could be meant in two ways is an error
//! that names its line.

mod cursor;

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
};

use serde::{Deserialize, Serialize};

use crate::deployment::MAX_ENVIRONMENT;
use crate::value::{
    EnvironmentName, EnvironmentValue, EnvironmentVariable, line_breaks::line_feeds,
};
use cursor::Cursor;

/// How many wrong lines are told of.
const MAX_ERRORS: usize = 20;

/// What is wrong with a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineError {
    /// The line, counted from 1; of a value of several lines, the first.
    pub line: usize,
    /// What is wrong with it, never with what stands in it.
    pub message: String,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line {}: {}", self.line, self.message)
    }
}

/// Reads a file, as far as the readers of Docker Compose, Node, Python, Ruby and Go agree.
///
/// A line is `NAME=value`, perhaps with `export` before it; empty lines and lines that begin with
/// `#` are skipped. A value stands as it is up to the end of its line or to a `#` behind white
/// space. In single quotes or backquotes it is whatever stands between them, over several lines if
/// need be; in double quotes too, with `\n`, `\r`, `\t` and a backslash before `\`, `"`, `'`, `` ` ``
/// or `$` for these characters. Any other backslash in double quotes is kept, as Compose does; one
/// before `a`, `b`, `c`, `f`, `v` or a digit is refused, because readers differ there. Behind a
/// closing quote there may be a comment.
///
/// A name may be there twice with one value. With two values most readers take the last one without
/// a word, so here it is an error.
///
/// # Errors
/// What is wrong, line by line; of very much only the beginning.
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
                    let message = format!("{name} has another value in line {first} already.");
                    errors.push(LineError { line, message });
                }
            },
            Err(message) => errors.push(LineError { line, message }),
        }
        // What comes from the network is not looked at for longer than it takes to refuse it.
        if errors.len() >= MAX_ERRORS {
            break;
        }
        if variables.len() > MAX_ENVIRONMENT {
            let message = format!("There are more than {MAX_ENVIRONMENT} variables.");
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
    // Read also when the name is wrong, or its value would be taken for more lines.
    let value = cursor.value();
    let name = EnvironmentName::new(name).map_err(|report| first_message(&report))?;
    let value = value?;
    // An escaped CR is a line break as any other.
    let value =
        EnvironmentValue::new(line_feeds(value)).map_err(|report| first_message(&report))?;
    Ok(EnvironmentVariable::plain(name, value))
}

fn first_message(report: &garde::Report) -> String {
    let mut errors = report.iter();
    errors.next().map_or_else(String::new, |(_, error)| {
        format!("That is not allowed. {error}")
    })
}

/// Writes variables so that [`parse`], and other programs that read such files, read the same.
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
