//! Where the reader of a file is.

/// What remains of a file, and the number of its first line.
pub(super) struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Cursor<'a> {
    /// At the beginning of a text, whose lines end with LF.
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 1,
        }
    }

    /// Goes on to the next line that says something; gives its number.
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

    /// Takes the name and the equals sign; the whole line when there is none.
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
            return Err("There is no = behind the name.".to_owned());
        };
        self.advance(name.len() + 1);
        Ok(name.trim_end_matches([' ', '\t']))
    }

    /// Takes the value with the rest of its line.
    pub(super) fn value(&mut self) -> Result<String, String> {
        let is_apart = self.skip_blanks();
        match self.rest.chars().next() {
            Some('"') => self.escaped(),
            Some(quote @ ('\'' | '`')) => self.literal(quote),
            _ => Ok(self.plain(is_apart).to_owned()),
        }
    }

    /// Up to the end of the line, or to a comment.
    fn plain(&mut self, mut is_apart: bool) -> &'a str {
        let line = self.take_line();
        let comment = line.char_indices().find_map(|(at, c)| {
            let begins = c == '#' && is_apart;
            is_apart = c == ' ' || c == '\t';
            begins.then_some(at)
        });
        line[..comment.unwrap_or(line.len())].trim_end_matches([' ', '\t'])
    }

    /// Between two of these quotes, as it stands there.
    fn literal(&mut self, quote: char) -> Result<String, String> {
        self.advance(1);
        let Some((value, _)) = self.rest.split_once(quote) else {
            return Err(self.unended());
        };
        self.advance(value.len() + 1);
        self.end()?;
        Ok(value.to_owned())
    }

    /// Between double quotes.
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
                    _ => {
                        let message = "In double quotes a backslash stands before n, r, t, a quote, $ \
                                       or another backslash. Write two for one, or use single quotes.";
                        wrong = Some(message.to_owned());
                    }
                },
                c => value.push(c),
            }
        }
        Err(self.unended())
    }

    /// A quote that goes on to the end: whatever comes is in it, so there is nothing more to read.
    fn unended(&mut self) -> String {
        self.rest = "";
        "The quote that begins here does not end.".to_owned()
    }

    /// What may stand behind a closing quote: nothing but a comment.
    fn end(&mut self) -> Result<(), String> {
        let is_apart = self.skip_blanks();
        let line = self.take_line();
        if line.is_empty() || (is_apart && line.starts_with('#')) {
            Ok(())
        } else {
            Err("Something stands behind the closing quote.".to_owned())
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
