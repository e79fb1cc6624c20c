//! Rendering of terminal output: printed lines as a terminal would show them.
//!
//! Everything that apps print goes through this module before it is shown: log lines on pages,
//! in searches and in downloads, output of commands, output of probes and messages of failures.
//! Lines are stored as printed and cleaned when shown, so that all of these agree.
//!
//! Colors and weights become styles. Cursor movements within the line take effect, so that
//! `10%\r20%\rdone` shows only `done`. Everything else, such as titles and other rows, is
//! dropped.

mod row;
mod style;

use std::borrow::Cow;

use vte::Parser;

use row::Row;
pub use style::TextStyle;

/// A piece of a line with a single style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The characters.
    pub text: String,
    /// The style of the characters.
    pub style: TextStyle,
}

/// Returns the text of a line as a terminal would show it.
pub fn plain(line: &str) -> Cow<'_, str> {
    if line.contains(is_control) {
        Cow::Owned(render(line).text())
    } else {
        Cow::Borrowed(line)
    }
}

/// Returns the texts of several lines, each as a terminal would show it.
pub fn plain_lines(text: &str) -> Cow<'_, str> {
    if text.contains(|c| is_control(c) && c != '\n') {
        let lines: Vec<_> = text.split('\n').map(plain).collect();
        Cow::Owned(lines.join("\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Splits a line into pieces with a single style each.
pub fn spans(line: &str) -> Vec<Piece> {
    if line.is_empty() {
        Vec::new()
    } else if line.contains(is_control) {
        render(line).pieces()
    } else {
        vec![Piece {
            text: line.to_owned(),
            style: TextStyle::default(),
        }]
    }
}

/// Prints a line on a terminal of one row.
fn render(line: &str) -> Row {
    let mut row = Row::default();
    Parser::new().advance(&mut row, in_seven_bits(line).as_bytes());
    row
}

fn is_control(c: char) -> bool {
    c.is_control() && c != '\t'
}

/// Replaces each 8-bit control character with its escape sequence (ECMA-35 §6.4.3).
///
/// The parser knows only escape sequences.
fn in_seven_bits(line: &str) -> Cow<'_, str> {
    if !line.contains(is_c1) {
        return Cow::Borrowed(line);
    }
    let mut text = String::with_capacity(line.len());
    for c in line.chars() {
        match u8::try_from(c) {
            Ok(byte) if is_c1(c) => text.extend(['\u{1b}', char::from(byte - 0x40)]),
            _ => text.push(c),
        }
    }
    Cow::Owned(text)
}

fn is_c1(c: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&c)
}

#[cfg(test)]
mod tests;
