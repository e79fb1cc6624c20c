//! ANSI escape codes: colours become looks, everything else goes.
//!
//! Only "select graphic rendition" has a meaning here (ECMA-48 §8.3.117); cursor movements, titles
//! and the like could only do harm.

use std::borrow::Cow;

/// A piece of a line in one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The characters.
    pub text: String,
    /// How they look.
    pub look: Look,
}

/// How a piece of a line looks.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the standard"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// One of the eight colours of a terminal, by its number.
    pub colour: Option<u16>,
    /// Bold.
    pub bold: bool,
    /// Fainter than other text.
    pub faint: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
}

/// What is to be seen of a line: without escape codes and other control characters.
pub fn plain(line: &str) -> Cow<'_, str> {
    if line.contains(is_hidden) {
        let pieces = spans(line).into_iter();
        Cow::Owned(pieces.map(|piece| piece.text).collect())
    } else {
        Cow::Borrowed(line)
    }
}

/// The pieces of a line, each in one look.
pub fn spans(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut now = Piece::default();
    let mut rest = line;
    while let Some(at) = rest.find(is_hidden) {
        now.text.push_str(&rest[..at]);
        let escape = rest[at..].starts_with(['\u{1b}', '\u{9b}']);
        rest = &rest[at..];
        if !escape {
            rest = skip_char(rest);
            continue;
        }
        let (parameters, behind) = sequence(rest);
        rest = behind;
        let Some(parameters) = parameters else {
            continue;
        };
        let look = apply(now.look, parameters);
        if look != now.look {
            let done = std::mem::take(&mut now);
            pieces.push(done);
            now.look = look;
        }
    }
    now.text.push_str(rest);
    pieces.push(now);
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

fn is_hidden(c: char) -> bool {
    c.is_control() && c != '\t'
}

fn skip_char(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.as_str()
}

/// Splits an escape sequence off: its parameters if it selects a look, and what is behind it.
fn sequence(text: &str) -> (Option<&str>, &str) {
    let behind = skip_char(text);
    let body = if text.starts_with('\u{9b}') {
        behind
    } else if let Some(body) = behind.strip_prefix('[') {
        body
    } else {
        return (None, skip_other(behind));
    };
    let Some(end) = body.find(|c: char| ('@'..='~').contains(&c)) else {
        return (None, "");
    };
    let parameters = body[end..].starts_with('m').then_some(&body[..end]);
    (parameters, skip_char(&body[end..]))
}

/// Skips what follows an escape that is no control sequence: a string up to its end (titles,
/// links), or one character.
fn skip_other(text: &str) -> &str {
    if !text.starts_with([']', 'P', '^', '_', 'X']) {
        return skip_char(text);
    }
    match text.find(['\u{7}', '\u{1b}', '\u{9c}']) {
        // The terminator `ESC \` has two characters; the others have one.
        Some(end) => match text[end..].strip_prefix("\u{1b}\\") {
            Some(behind) => behind,
            None => skip_char(&text[end..]),
        },
        None => "",
    }
}

fn apply(mut look: Look, parameters: &str) -> Look {
    let mut codes = parameters
        .split([';', ':'])
        .map(|code| code.parse::<u16>().unwrap_or(0));
    while let Some(code) = codes.next() {
        match code {
            0 => look = Look::default(),
            1 => look.bold = true,
            2 => look.faint = true,
            3 => look.italic = true,
            4 => look.underline = true,
            22 => (look.bold, look.faint) = (false, false),
            23 => look.italic = false,
            24 => look.underline = false,
            30..=37 => look.colour = Some(code - 30),
            // A palette or true colour: what follows are its parameters, not codes.
            38 | 48 | 58 => {
                let extra = if codes.next() == Some(5) { 1 } else { 3 };
                for _ in 0..extra {
                    codes.next();
                }
            }
            39 => look.colour = None,
            90..=97 => look.colour = Some(code - 90),
            _ => {}
        }
    }
    look
}

#[cfg(test)]
mod tests {
    use super::{Look, plain, spans};

    fn shown(line: &str) -> Vec<(String, Look)> {
        let pieces = spans(line).into_iter();
        pieces.map(|piece| (piece.text, piece.look)).collect()
    }

    #[test]
    fn colours_become_looks() {
        let red = Look {
            colour: Some(1),
            bold: true,
            ..Look::default()
        };
        assert_eq!(
            shown("a\u{1b}[1;31mb\u{1b}[0mc"),
            [
                ("a".to_owned(), Look::default()),
                ("b".to_owned(), red),
                ("c".to_owned(), Look::default()),
            ]
        );
    }

    #[test]
    fn parameters_of_a_palette_colour_are_no_codes() {
        for line in ["\u{1b}[38;5;1mx", "\u{1b}[38;2;1;3;4mx"] {
            assert_eq!(shown(line), [("x".to_owned(), Look::default())]);
        }
    }

    #[test]
    fn everything_else_goes() {
        assert_eq!(plain("a\u{1b}[2Jb\u{1b}[10;5Hc"), "abc");
        assert_eq!(plain("\u{1b}]0;title\u{7}x"), "x");
        assert_eq!(
            plain("\u{1b}]8;;http://a\u{1b}\\link\u{1b}]8;;\u{1b}\\"),
            "link"
        );
        assert_eq!(plain("a\u{1b}"), "a");
        assert_eq!(plain("a\u{1b}[31"), "a");
        assert_eq!(plain("a\rb\u{8}\u{0}c\td"), "abc\td");
    }

    #[test]
    fn markup_stays_text() {
        let markup = "<script>alert(1)</script>";
        assert_eq!(plain(markup), markup);
    }
}
