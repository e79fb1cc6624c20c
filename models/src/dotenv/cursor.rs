//! The position of the parser in a file.

use crate::value::EnvironmentName;

const NO_EQUALS: &str = "Missing = after the name.";
/// Keys and certificates are often pasted without quotes, over several lines.
const NO_EQUALS_BELOW_VALUE: &str = "Missing = after the name. If this line is part of the value \
     above, put the whole value in double quotes.";
/// Some parsers read `NAME: value` as a variable, others skip it silently.
const COLON: &str = "Found a colon instead of =. Write NAME=value.";

/// The rest of a file, and the number of its first line.
pub(super) struct Cursor<'a> {
    rest: &'a str,
    line: usize,
    /// The last line of the latest unquoted value, or of text that may belong to it.
    plain_until: usize,
}

impl<'a> Cursor<'a> {
    /// Starts at the beginning of a text, whose lines end with LF.
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 1,
            plain_until: 0,
        }
    }

    /// Moves to the next line that is neither blank nor a comment; returns its number.
    pub(super) fn next_line(&mut self) -> Option<usize> {
        loop {
            self.skip_blanks();
            if self.rest.starts_with('#') {
                self.take_line();
            }
            if self.rest.starts_with('\n') {
                self.advance(1);
            } else if self.rest.is_empty() {
                return None;
            } else {
                return Some(self.line);
            }
        }
    }

    /// Takes the name and the equals sign; the whole line if there is none.
    pub(super) fn name(&mut self) -> Result<&'a str, String> {
        if let Some(rest) = self.rest.strip_prefix("export")
            && rest.starts_with([' ', '\t'])
        {
            self.rest = rest;
            self.skip_blanks();
        }
        let line = self.this_line();
        let Some((name, _)) = line.split_once('=') else {
            self.take_line();
            return Err(self.without_equals(line).to_owned());
        };
        if has_colon(name) {
            self.take_line();
            return Err(COLON.to_owned());
        }
        self.advance(name.len() + 1);
        Ok(name.trim_end_matches([' ', '\t']))
    }

    /// Returns the error for a line without an equals sign that was just taken.
    fn without_equals(&mut self, line: &str) -> &'static str {
        if has_colon(line) {
            return COLON;
        }
        if self.plain_until == 0 || self.plain_until + 1 != self.line {
            return NO_EQUALS;
        }
        self.plain_until = self.line;
        NO_EQUALS_BELOW_VALUE
    }

    /// Takes the value and the rest of its line.
    pub(super) fn value(&mut self) -> Result<String, String> {
        let is_apart = self.skip_blanks();
        match self.rest.chars().next() {
            Some('"') => self.escaped(),
            Some(quote @ ('\'' | '`')) => self.literal(quote),
            _ => Ok(self.plain(is_apart).to_owned()),
        }
    }

    /// Takes an unquoted value, up to a comment or the end of the line.
    fn plain(&mut self, mut is_apart: bool) -> &'a str {
        let line = self.take_line();
        self.plain_until = self.line;
        let comment = line.char_indices().find_map(|(at, c)| {
            let begins = c == '#' && is_apart;
            is_apart = c == ' ' || c == '\t';
            begins.then_some(at)
        });
        line[..comment.unwrap_or(line.len())].trim_end_matches([' ', '\t'])
    }

    /// Takes a literal value in this kind of quotes.
    fn literal(&mut self, quote: char) -> Result<String, String> {
        self.advance(1);
        let Some((value, _)) = self.rest.split_once(quote) else {
            return Err(self.unended());
        };
        self.advance(value.len() + 1);
        self.end()?;
        Ok(value.to_owned())
    }

    /// Takes a value in double quotes and resolves its escapes.
    fn escaped(&mut self) -> Result<String, String> {
        self.advance(1);
        let (mut value, mut wrong) = (String::new(), None);
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.advance(at + 1);
                    self.end()?;
                    return wrong.map_or(Ok(value), Err);
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => value.push('\n'),
                    Some('r') => value.push('\r'),
                    Some('t') => value.push('\t'),
                    Some(c @ ('\\' | '"' | '\'' | '`' | '$')) => value.push(c),
                    // Compose and Python read it as a control character, Ruby and Go as a
                    // letter, Node as both.
                    Some(c @ ('a' | 'b' | 'c' | 'f' | 'v' | '0'..='9')) => {
                        let message = format!(
                            "Programs interpret \\{c} in double quotes differently. Write \\\\{c} \
                             for a backslash, or use single quotes."
                        );
                        wrong.get_or_insert(message);
                    }
                    Some(c) => value.extend(['\\', c]),
                    None => {}
                },
                c => value.push(c),
            }
        }
        Err(self.unended())
    }

    /// Consumes the whole rest after an opening quote without a closing one.
    fn unended(&mut self) -> String {
        self.rest = "";
        "This quote is never closed.".to_owned()
    }

    /// Takes the rest of a line after a closing quote: nothing or a comment.
    fn end(&mut self) -> Result<(), String> {
        self.skip_blanks();
        let line = self.take_line();
        if line.is_empty() || line.starts_with('#') {
            Ok(())
        } else {
            Err("Unexpected text after the closing quote.".to_owned())
        }
    }

    fn skip_blanks(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        self.rest.len() < before
    }

    fn this_line(&self) -> &'a str {
        self.rest.split('\n').next().unwrap_or_default()
    }

    fn take_line(&mut self) -> &'a str {
        let line = self.this_line();
        self.advance(line.len());
        line
    }

    fn advance(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at(bytes);
        self.line += taken.matches('\n').count();
        self.rest = rest;
    }
}

/// True if a colon follows a name.
fn has_colon(line: &str) -> bool {
    let name = line
        .split_once(':')
        .map(|(name, _)| EnvironmentName::new(name));
    name.is_some_and(|name| name.is_ok())
}
