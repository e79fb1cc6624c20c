//! Lines that programs print for a terminal, as a terminal would show them.
//!
//! This is the one cleaning for every way out of what apps print: log lines on pages, in searches and
//! in downloads, output of commands, complaints of probes and messages of failures. Lines are kept as
//! they were printed and cleaned where they are shown, so that all of these agree.
//!
//! Colours and weights become looks; what moves the cursor within the line is done, so that of
//! `10%\r20%\rdone` only `done` is seen; everything else, such as titles and other rows, is dropped.

mod look;
mod row;

use std::borrow::Cow;

use vte::Parser;

pub use look::Look;
use row::Row;

/// A piece of a line in one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The characters.
    pub text: String,
    /// How they look.
    pub look: Look,
}

/// The text of a line as a terminal would show it.
pub fn plain(line: &str) -> Cow<'_, str> {
    if line.contains(is_control) {
        Cow::Owned(shown(line).text())
    } else {
        Cow::Borrowed(line)
    }
}

/// The texts of several lines, each as a terminal would show it.
pub fn plain_lines(text: &str) -> Cow<'_, str> {
    if text.contains(|c| is_control(c) && c != '\n') {
        let lines: Vec<_> = text.split('\n').map(plain).collect();
        Cow::Owned(lines.join("\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The pieces of a line, each in one look.
pub fn spans(line: &str) -> Vec<Piece> {
    if line.is_empty() {
        Vec::new()
    } else if line.contains(is_control) {
        shown(line).pieces()
    } else {
        vec![Piece {
            text: line.to_owned(),
            look: Look::default(),
        }]
    }
}

/// Lets a terminal of one row print a line.
fn shown(line: &str) -> Row {
    let mut row = Row::default();
    Parser::new().advance(&mut row, in_seven_bits(line).as_bytes());
    row
}

fn is_control(c: char) -> bool {
    c.is_control() && c != '\t'
}

/// The line with each control character of eight bits written as an escape sequence (ECMA-35 §6.4.3),
/// which is the form that the parser knows.
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
