//! A terminal of one row.

use std::collections::HashMap;

use unicode_width::UnicodeWidthChar;
use vte::{Params, Perform};

use super::{Piece, TextStyle};

/// The limit for moving the cursor and for erasing, in columns.
///
/// It is wider than the screens that programs print for, and small enough that no line costs
/// much memory or time. Only printed text makes the row longer.
const MARGIN: usize = 512;

/// The number of columns between two tab stops.
const TAB: usize = 8;

/// The row, including its cursor.
#[derive(Debug, Default)]
pub(super) struct Row {
    cells: Vec<Cell>,
    /// Combining marks, which have no width, by the cell of their character.
    marks: HashMap<usize, String>,
    cursor: usize,
    saved: usize,
    style: TextStyle,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    /// `None` in the cells that the previous character also covers.
    character: Option<char>,
    style: TextStyle,
}

impl Cell {
    const BLANK: Self = Self {
        character: Some(' '),
        style: TextStyle {
            color: None,
            bold: false,
            faint: false,
            italic: false,
            underline: false,
        },
    };
}

impl Row {
    /// Returns the characters.
    pub(super) fn text(&self) -> String {
        let pieces = self.pieces().into_iter();
        pieces.map(|piece| piece.text).collect()
    }

    /// Returns the characters with their styles.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        for (at, cell) in self.cells.iter().enumerate() {
            let Some(character) = cell.character else {
                continue;
            };
            if pieces.last().is_none_or(|piece| piece.style != cell.style) {
                pieces.push(Piece {
                    text: String::new(),
                    style: cell.style,
                });
            }
            if let Some(piece) = pieces.last_mut() {
                piece.text.push(character);
                piece
                    .text
                    .push_str(self.marks.get(&at).map_or("", String::as_str));
            }
        }
        pieces
    }

    /// Puts a character at the cursor, over this many cells.
    fn put(&mut self, character: char, width: usize) {
        let end = self.cursor + width;
        self.make_blank(self.cursor, end.min(self.cells.len()));
        if self.cells.len() < end {
            self.cells.resize(end, Cell::BLANK);
        }
        for cell in &mut self.cells[self.cursor..end] {
            *cell = Cell {
                character: None,
                style: self.style,
            };
        }
        self.cells[self.cursor].character = Some(character);
        self.cursor = end;
    }

    /// Adds a combining mark to the character before the cursor.
    fn mark(&mut self, mark: char) {
        let before = self.cells.get(..self.cursor).unwrap_or_default();
        match before.iter().rposition(|cell| cell.character.is_some()) {
            Some(at) => self.marks.entry(at).or_default().push(mark),
            None => self.put(mark, 1),
        }
    }

    /// Blanks a range of cells, including all of the characters that extend into it.
    fn make_blank(&mut self, from: usize, to: usize) {
        if from >= to {
            return;
        }
        let is_begin = |cell: &Cell| cell.character.is_some();
        let begin = self.cells[..=from].iter().rposition(is_begin);
        let end = self.cells[to..].iter().position(is_begin);
        let end = end.map_or(self.cells.len(), |behind| to + behind);
        for at in begin.unwrap_or(from)..end {
            self.cells[at] = Cell::BLANK;
            if !self.marks.is_empty() {
                self.marks.remove(&at);
            }
        }
    }

    /// Erases in the line (ECMA-48 §8.3.41) or the screen (§8.3.39).
    ///
    /// The screen has only this line.
    fn erase(&mut self, part: u16) {
        let end = self.cells.len();
        match part {
            0 => {
                self.make_blank(self.cursor, end);
                self.cells.truncate(self.cursor);
            }
            1 => {
                let from = self.cursor.saturating_sub(MARGIN);
                self.make_blank(from, end.min(self.cursor + 1));
            }
            _ => {
                self.cells.clear();
                self.marks.clear();
                self.go_to(self.cursor);
            }
        }
    }

    /// Moves the cursor to a column, at most to the margin.
    fn go_to(&mut self, column: usize) {
        self.cursor = column.min(MARGIN.max(self.cells.len()));
    }
}

impl Perform for Row {
    fn print(&mut self, character: char) {
        match character.width() {
            Some(0) => self.mark(character),
            Some(width) => self.put(character, width),
            None => {}
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\r' => self.cursor = 0,
            b'\x08' => self.cursor = self.cursor.saturating_sub(1),
            b'\t' => {
                let width = TAB - self.cursor % TAB;
                if self.cursor < self.cells.len() {
                    self.go_to(self.cursor + width);
                } else {
                    self.put('\t', width);
                }
            }
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, parameters: &Params, between: &[u8], _: bool, action: char) {
        if !between.is_empty() {
            return;
        }
        let number = |at: usize| {
            let parameter = parameters.iter().nth(at);
            parameter.and_then(|values| values.first().copied())
        };
        let count = usize::from(number(0).unwrap_or(0).max(1));
        match action {
            'm' => self.style.select(parameters),
            'C' | 'a' => self.go_to(self.cursor + count),
            'D' => self.cursor = self.cursor.saturating_sub(count),
            'G' | '`' => self.go_to(count - 1),
            // The cursor goes to another row, which does not exist here. Move it to the end, so
            // that the text printed there does not overwrite this row.
            'H' | 'f' if count > 1 => self.cursor = self.cells.len(),
            'H' | 'f' => self.go_to(usize::from(number(1).unwrap_or(0).max(1)) - 1),
            'J' | 'K' => self.erase(number(0).unwrap_or(0)),
            'X' => {
                let end = self.cells.len().min(self.cursor + count.min(MARGIN));
                self.make_blank(self.cursor, end);
            }
            's' => self.saved = self.cursor,
            'u' => self.go_to(self.saved),
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, between: &[u8], _: bool, byte: u8) {
        match (between, byte) {
            ([], b'7') => self.saved = self.cursor,
            ([], b'8') => self.go_to(self.saved),
            ([], b'c') => *self = Self::default(),
            _ => {}
        }
    }
}
