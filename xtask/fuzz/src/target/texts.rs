//! Log lines of apps, as pages show them.

use models::ansi;

use super::{Target, text};

pub(super) const LOG_LINES: Target = Target {
    name: "log-lines",
    about: "log lines with terminal control sequences",
    seeds: &[
        "plain",
        "\u{1b}[31;1mred\u{1b}[0m and plain",
        "\u{1b}[38;5;208morange\u{1b}[38;2;1;2;3m",
        "\u{1b}]0;title\u{7}after",
        "\u{1b}]8;;javascript:alert(1)\u{1b}\\link\u{1b}]8;;\u{1b}\\",
        "\u{9b}31mred",
        "\u{1b}[2J\u{1b}[H",
        "a\rb\u{8}c\0d",
        "10%\r20%\rdone",
        "a\u{1b}[2K\u{1b}[1Gb\u{1b}[9C\u{1b}[3X",
        "\u{1b}7你好\u{1b}8e\u{301}\tb",
        "\u{1b}",
        "\u{1b}[",
        "\u{1b}[999999999999m",
        "\u{1b}Pq#0;2;0;0;0\u{1b}\\",
        "<script>alert(1)</script>",
    ],
    check: |input| {
        let line = text(input);
        let shown: String = ansi::spans(&line)
            .into_iter()
            .map(|piece| piece.text)
            .collect();
        let moves = |c: char| c.is_control() && c != '\t';
        assert!(!shown.contains(moves), "{line:?} is shown as {shown:?}");
        assert_eq!(ansi::plain(&line), shown, "{line:?} has two texts");
        assert_eq!(ansi::plain(&shown), shown, "{shown:?} changes again");
        // The bound covers one cursor move to the right, and tabs that are overwritten.
        assert!(shown.len() <= 8 * line.len() + 512, "{line:?} grew");
        let lines = ansi::plain_lines(&line);
        assert_eq!(ansi::plain_lines(&lines), lines, "{lines:?} changes again");
    },
};
