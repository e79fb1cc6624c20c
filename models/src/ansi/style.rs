//! The style of text, as selected by escape sequences.

use vte::Params;

/// The style of a piece of a line.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the standard"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextStyle {
    /// The number of one of the eight terminal colors; `None` for the default color.
    pub color: Option<u16>,
    /// Bold.
    pub bold: bool,
    /// Fainter than other text.
    pub faint: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
}

impl TextStyle {
    /// Applies "select graphic rendition" (ECMA-48 §8.3.117).
    pub(super) fn select(&mut self, parameters: &Params) {
        let mut parameters = parameters.iter();
        while let Some(parameter) = parameters.next() {
            let [code, rest @ ..] = parameter else {
                continue;
            };
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.faint = true,
                3 => self.italic = true,
                4 => self.underline = rest.first() != Some(&0),
                22 => (self.bold, self.faint) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                30..=37 => self.color = Some(code - 30),
                // A palette color or true color: the numbers that follow are its parameters,
                // not codes.
                38 | 48 | 58 if rest.is_empty() => {
                    let palette = parameters.next().is_some_and(|kind| kind == [5]);
                    for _ in 0..if palette { 1 } else { 3 } {
                        parameters.next();
                    }
                }
                39 => self.color = None,
                90..=97 => self.color = Some(code - 90),
                _ => {}
            }
        }
    }
}
