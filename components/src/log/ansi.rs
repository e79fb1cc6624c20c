//! CSS classes for ANSI escape codes.

use models::ansi::Look;

const COLOURS: [&str; 8] = [
    "ansi-black",
    "ansi-red",
    "ansi-green",
    "ansi-yellow",
    "ansi-blue",
    "ansi-magenta",
    "ansi-cyan",
    "ansi-white",
];

/// Returns the CSS classes of a look; `None` for plain text.
pub(super) fn class(look: Look) -> Option<String> {
    let colour = look
        .colour
        .and_then(|colour| COLOURS.get(usize::from(colour)).copied());
    let classes: Vec<&str> = [
        colour,
        look.bold.then_some("ansi-bold"),
        look.faint.then_some("ansi-faint"),
        look.italic.then_some("ansi-italic"),
        look.underline.then_some("ansi-underline"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!classes.is_empty()).then(|| classes.join(" "))
}

#[cfg(test)]
mod tests {
    use models::ansi::spans;

    use super::class;

    #[test]
    fn colours_become_classes() {
        let pieces = spans("a\u{1b}[1;31mb\u{1b}[38;5;1;22mc");
        let classes: Vec<_> = pieces.iter().map(|piece| class(piece.look)).collect();
        let red = |more: &str| Some(format!("ansi-red{more}"));
        assert_eq!(classes, [None, red(" ansi-bold"), red("")]);
    }
}
