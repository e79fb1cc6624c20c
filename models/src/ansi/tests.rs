use super::{TextStyle, plain, plain_lines, spans};

fn rendered(line: &str) -> Vec<(String, TextStyle)> {
    let pieces = spans(line).into_iter();
    pieces.map(|piece| (piece.text, piece.style)).collect()
}

const RED: TextStyle = TextStyle {
    color: Some(1),
    bold: false,
    faint: false,
    italic: false,
    underline: false,
};

fn is_plain(text: &str) -> (String, TextStyle) {
    (text.to_owned(), TextStyle::default())
}

#[test]
fn colors_become_styles() {
    let red = ("b".to_owned(), TextStyle { bold: true, ..RED });
    assert_eq!(
        rendered("a\u{1b}[1;31mb\u{1b}[0mc"),
        [is_plain("a"), red, is_plain("c")]
    );
    assert_eq!(rendered("\u{9b}31ma")[0].1, RED, "in eight bits");
    assert_eq!(
        rendered("\u{1b}[4ma\u{1b}[4:0mb").len(),
        2,
        "underlined, and no more"
    );
}

#[test]
fn parameters_of_a_palette_color_are_no_codes() {
    for line in [
        "\u{1b}[38;5;1mx",
        "\u{1b}[38;2;1;3;4mx",
        "\u{1b}[38:5:1mx",
        "\u{1b}[38:2::1:3:4mx",
        "\u{1b}[48;5;4mx",
    ] {
        assert_eq!(rendered(line), [is_plain("x")], "{line:?}");
    }
}

#[test]
fn progress_leaves_only_what_a_terminal_shows_at_its_end() {
    for (line, expected) in [
        ("10%\r20%\rdone", "done"),
        ("100%\rok", "ok0%"),
        ("100%\r\u{1b}[Kok", "ok"),
        ("100%\u{1b}[2K\rok", "ok"),
        ("100%\u{1b}[2K\u{1b}[1Gok", "ok"),
        ("100%\u{1b}[2K\u{1b}[Gok", "ok"),
        ("done\r", "done"),
        ("\r\r\rdone", "done"),
        ("[#   ]\u{8}\u{8}\u{8}\u{8}#", "[##  ]"),
        ("1\u{8}2\u{8}3", "3"),
        ("\u{8}\u{8}a", "a"),
        ("-\u{1b}[1D\\\u{1b}[1D|", "|"),
        ("Starting web\u{1b}[20G[ ok ]", "Starting web       [ ok ]"),
        ("a\u{1b}[3Cb", "a   b"),
        ("abcdef\r\u{1b}[3X", "   def"),
        ("abc\u{1b}[1Kd", "   d"),
        ("\u{1b}7a 1%\u{1b}8a 2%", "a 2%"),
        ("\u{1b}[sa 1%\u{1b}[ua 2%", "a 2%"),
        ("old\u{1b}[2J\u{1b}[Hnew", "new"),
        ("old\u{1b}[H\u{1b}[Jnew", "new"),
        ("old\u{1b}cnew", "new"),
        ("\u{1b}[?25l10%\r\u{1b}[32m20%\u{1b}[0m\u{1b}[?25h", "20%"),
    ] {
        assert_eq!(plain(line), expected, "{line:?}");
    }
}

#[test]
fn each_cell_has_the_look_that_it_was_printed_in() {
    let red = |text: &str| (text.to_owned(), RED);
    assert_eq!(
        rendered("\u{1b}[31mabc\u{1b}[0m\rx"),
        [is_plain("x"), red("bc")]
    );
}

#[test]
fn wide_characters_and_marks_are_written_over_whole() {
    for (line, expected) in [
        ("你好\rab", "ab好"),
        ("你好\ra", "a 好"),
        ("你好\u{1b}[2Gx", " x好"),
        ("e\u{301}a\r", "e\u{301}a"),
        ("e\u{301}a\rx", "xa"),
        ("你\u{301}\u{8}x", " x"),
        ("🦀🦀\r🦀", "🦀🦀"),
        ("\u{301}a\r", "\u{301}a"),
        ("a\tb\rc", "c\tb"),
        ("a\tb\r123", "123     b"),
        ("12345678901\r\tx", "12345678x01"),
    ] {
        assert_eq!(plain(line), expected, "{line:?}");
    }
}

#[test]
fn everything_else_goes() {
    for (line, expected) in [
        ("a\u{1b}[10;5Hb", "ab"),
        ("a\u{1b}[1Ab", "ab"),
        ("\u{1b}]0;title\u{7}x", "x"),
        ("\u{1b}]8;;http://a\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
        ("\u{9d}0;title\u{9c}x", "x"),
        ("\u{1b}Pq#0;2;0\u{1b}\\x", "x"),
        ("\u{1b}_secret\u{1b}\\x", "x"),
        ("\u{1b}(Bx", "x"),
        ("a\u{1b}", "a"),
        ("a\u{1b}[31", "a"),
        ("a\u{0}\u{7}\u{7f}c\td", "ac\td"),
        ("a\nb", "ab"),
    ] {
        assert_eq!(plain(line), expected, "{line:?}");
    }
}

#[test]
fn a_line_takes_no_more_memory_than_its_text() {
    let far = "\u{1b}[65535C\u{1b}[9999999Gx".repeat(1_000);
    assert!(plain(&far).len() < 2_000);
    assert!(plain(&"\u{1b}[65535X".repeat(1_000)).is_empty());
}

#[test]
fn several_lines_are_cleaned_one_by_one() {
    assert_eq!(
        plain_lines("\u{1b}[31mred\u{1b}[0m\n10%\r20%\r\nc\n"),
        "red\n20%\nc\n"
    );
    assert_eq!(plain_lines("a\nb"), "a\nb");
}

#[test]
fn markup_stays_text() {
    let markup = "<script>alert(1)</script>";
    assert_eq!(plain(markup), markup);
}
