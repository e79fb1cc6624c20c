//! CSS classes for ANSI escape codes.

use models::ansi::TextStyle;

const COLORS: [&str; 8] = [
    "ansi-black",
    "ansi-red",
    "ansi-green",
    "ansi-yellow",
    "ansi-blue",
    "ansi-magenta",
    "ansi-cyan",
    "ansi-white",
];

/// Returns the CSS classes of a style; `None` for plain text.
pub(super) fn class(style: TextStyle) -> Option<String> {
    let color = style
        .color
        .and_then(|color| COLORS.get(usize::from(color)).copied());
    let classes: Vec<&str> = [
        color,
        style.bold.then_some("ansi-bold"),
        style.faint.then_some("ansi-faint"),
        style.italic.then_some("ansi-italic"),
        style.underline.then_some("ansi-underline"),
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
    fn colors_become_classes() {
        let pieces = spans("a\u{1b}[1;31mb\u{1b}[38;5;1;22mc");
        let classes: Vec<_> = pieces.iter().map(|piece| class(piece.style)).collect();
        let red = |more: &str| Some(format!("ansi-red{more}"));
        assert_eq!(classes, [None, red(" ansi-bold"), red("")]);
    }
}
