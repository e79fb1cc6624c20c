//! Highlighting of search matches in a log line.

use std::ops::Range;

use leptos::prelude::*;
use models::ansi::spans;

use super::row::piece_view;

/// Renders a line's text in its styles, with search matches highlighted.
pub(super) fn marked_view(text: &str, search: &str) -> AnyView {
    let pieces = marked(text, search).into_iter();
    let pieces = pieces.map(|(style, parts)| {
        let parts = parts.into_iter().map(|(text, is_match)| {
            if is_match {
                view! { <mark>{text}</mark> }.into_any()
            } else {
                text.into_any()
            }
        });
        piece_view(style, parts.collect_view().into_any())
    });
    pieces.collect_view().into_any()
}

/// Segments of a text, each with a flag that is true for a match.
type Parts = Vec<(String, bool)>;

/// Splits a line into styles, and each of them at the bounds of matches.
fn marked(text: &str, search: &str) -> Vec<(models::ansi::TextStyle, Parts)> {
    let pieces = spans(text);
    let plain: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    let matches = matches(&plain, search);
    let mut begin = 0;
    let cut = pieces.into_iter().map(|piece| {
        let whole = begin..begin + piece.text.len();
        begin = whole.end;
        (piece.style, cut(&plain, whole, &matches))
    });
    cut.collect()
}

/// Splits a range of a text at the bounds of matches.
fn cut(text: &str, whole: Range<usize>, matches: &[Range<usize>]) -> Parts {
    let mut parts = Vec::new();
    let mut at = whole.start;
    let mut add = |to: usize, is_match: bool| {
        if to > at {
            parts.push((text[at..to].to_owned(), is_match));
            at = to;
        }
    };
    for found in matches {
        add(found.start.clamp(whole.start, whole.end), false);
        add(found.end.clamp(whole.start, whole.end), true);
    }
    add(whole.end, false);
    parts
}

/// Finds all matches of a search text, ignoring case.
fn matches(text: &str, search: &str) -> Vec<Range<usize>> {
    let search: String = search.chars().flat_map(char::to_lowercase).collect();
    if search.is_empty() {
        return Vec::new();
    }
    // Lower case can change a character's length, so positions need a lookup table.
    let mut lower = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    for (place, character) in text.char_indices() {
        places.push((lower.len(), place));
        lower.extend(character.to_lowercase());
    }
    places.push((lower.len(), text.len()));
    // The first character that begins at or after this position.
    let place = |at: usize| {
        let number = places.partition_point(|(lower, _)| *lower < at);
        places.get(number).map_or(text.len(), |(_, place)| *place)
    };
    lower
        .match_indices(&search)
        .map(|(at, found)| place(at)..place(at + found.len()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{marked, matches};

    fn found<'a>(text: &'a str, search: &str) -> Vec<&'a str> {
        let ranges = matches(text, search).into_iter();
        ranges.map(|range| &text[range]).collect()
    }

    #[test]
    fn a_text_is_found_in_upper_and_lower_case() {
        assert_eq!(
            found("Error, ERROR and error", "eRRor"),
            ["Error", "ERROR", "error"]
        );
        assert_eq!(found("ÄRGER in Übersee", "ärger"), ["ÄRGER"]);
        assert_eq!(found("a.b [x] %_\\", ".b [x] %_\\"), [".b [x] %_\\"]);
        assert_eq!(found("aaaa", "aa"), ["aa", "aa"]);
        assert_eq!(found("anything", ""), [""; 0]);
        assert_eq!(found("", "x"), [""; 0]);
    }

    #[test]
    fn characters_that_change_their_length_are_cut_whole() {
        // The lower case of İ has two characters; that of the Kelvin sign has one byte instead
        // of three.
        assert_eq!(found("İx Kx", "x"), ["x", "x"]);
        assert_eq!(found("1 K", "k"), ["K"]);
        for search in ["i", "\u{307}", "i\u{307}x"] {
            for range in matches("aİxb", search) {
                assert!("aİxb".get(range.clone()).is_some(), "{search} {range:?}");
            }
        }
    }

    #[test]
    fn a_match_goes_across_colors() {
        let pieces = marked("a \u{1b}[31mERR\u{1b}[0mOR: <b>", "error");
        let parts: Vec<_> = pieces.into_iter().flat_map(|(_, parts)| parts).collect();
        let expected = [("a ", false), ("ERR", true), ("OR", true), (": <b>", false)];
        assert_eq!(parts, expected.map(|(text, is)| (text.to_owned(), is)));
    }
}
