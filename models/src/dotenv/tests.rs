use super::{parse, write};

fn read(text: &str) -> Vec<(String, String)> {
    let variables = parse(text).unwrap_or_else(|errors| panic!("{text:?}: {errors:?}"));
    let pairs = variables.iter();
    pairs
        .map(|variable| {
            (
                variable.name.to_string(),
                variable.value.as_str().to_owned(),
            )
        })
        .collect()
}

fn wrong(text: &str) -> Vec<String> {
    let errors = parse(text).expect_err(text);
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_file_is_read_as_people_write_it() {
    for (text, value) in [
        ("A=1", "1"),
        ("A=", ""),
        ("  export A = 1  ", "1"),
        ("export\tA=1", "1"),
        ("A=a b c", "a b c"),
        ("A=1 # not this", "1"),
        ("A= # not this", ""),
        ("A=#this", "#this"),
        ("A=a#b", "a#b"),
        ("A=it's \"so\"", "it's \"so\""),
        ("A={\"a\": 1}", "{\"a\": 1}"),
        ("A=a=b==", "a=b=="),
        ("A=C:\\new", "C:\\new"),
        ("A='a # b' # not this", "a # b"),
        ("A='a'# not this", "a"),
        ("A=\"a\"#not this", "a"),
        ("A=\"a\"\t#not this", "a"),
        (r#"A="\d+\.\d""#, r"\d+\.\d"),
        (r#"A="C:\Users\x""#, r"C:\Users\x"),
        ("A=\"a\\\nb\"", "a\\\nb"),
        ("A=1\nA=1", "1"),
        ("A='1'\nexport A=\"1\" # again", "1"),
        ("A='a\\nb'", "a\\nb"),
        ("A=`it's \"so\"`", "it's \"so\""),
        ("A=\"a # b\"", "a # b"),
        (r#"A="a\nb\t\"\\\$\'\`""#, "a\nb\t\"\\$'`"),
        ("A=\"a\nb\n\"", "a\nb\n"),
        ("A='\n# no comment\n'", "\n# no comment\n"),
        ("\u{feff}A=1\n", "1"),
        ("A='a\r\nb\rc'\r\n", "a\nb\nc"),
        ("A=\"a\\r\\nb\"", "a\nb"),
        ("A='\u{fc}'", "\u{fc}"),
    ] {
        assert_eq!(read(text), [("A".to_owned(), value.to_owned())], "{text:?}");
    }
}

/// One example of each style found in seventy `.env` files of public projects.
///
/// The parsers of Python and Node agree with each value.
#[test]
fn a_file_of_a_real_project_is_read_as_its_own_reader_reads_it() {
    let file = concat!(
        "\u{feff}##### Web #####\r\n",
        "APP_KEY=base64:q3Y8+/x==\r\n",
        "APP_URL=http://localhost:${PORT:-3000}/\r\n",
        "MAIL_FROM=\"Web <web@example.org>\"     # shown to people\r\n",
        "ALLOWED_HOSTS=.example.org, localhost\r\n",
        "EMPTY_QUOTES=\"\"\r\n",
        "NOTHING=\r\n",
        "ONLY_COMMENT=      # fill this in\r\n",
        "  INDENTED='a b'\r\n",
        "export EXPORTED=1\r\n",
        "SECRET=s3cr3t!@#$%^&*(-_)\r\n",
        "CRON=*/5 * * * *\r\n",
        "JSON={\"a\": [1, 2]}\r\n",
        "HEADERS='{\"x-a\":\"b\"}'\r\n",
        "KEY=\"-----BEGIN KEY-----\r\nMIIB\r\n-----END KEY-----\"\r\n",
        "\r\n",
        "#OFF=1\r\n",
        "LAST=yes",
    );
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = [
        pair("APP_KEY", "base64:q3Y8+/x=="),
        pair("APP_URL", "http://localhost:${PORT:-3000}/"),
        pair("MAIL_FROM", "Web <web@example.org>"),
        pair("ALLOWED_HOSTS", ".example.org, localhost"),
        pair("EMPTY_QUOTES", ""),
        pair("NOTHING", ""),
        pair("ONLY_COMMENT", ""),
        pair("INDENTED", "a b"),
        pair("EXPORTED", "1"),
        pair("SECRET", "s3cr3t!@#$%^&*(-_)"),
        pair("CRON", "*/5 * * * *"),
        pair("JSON", "{\"a\": [1, 2]}"),
        pair("HEADERS", "{\"x-a\":\"b\"}"),
        pair("KEY", "-----BEGIN KEY-----\nMIIB\n-----END KEY-----"),
        pair("LAST", "yes"),
    ];
    assert_eq!(read(file), expected);
}

#[test]
fn comments_and_empty_lines_are_nothing() {
    assert_eq!(read(""), []);
    assert_eq!(read("\n \t\n# A=1\n  # B=2\r\n"), []);
    let names: Vec<_> = read("A=1\n\n# more\nB='2\n3'\nC=4")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["A", "B", "C"]);
}

#[test]
fn names_are_those_of_environment_variables() {
    let file = "discovery.type=single-node\nspring.datasource.url: x\nmy-key=1\nA[0]=2\n";
    let errors = wrong(file);
    let lines: Vec<_> = errors.iter().map(|error| &error[..6]).collect();
    assert_eq!(lines, ["Line 2", "Line 4"]);
    let file = read("discovery.type=single-node\nspring.datasource.url=jdbc:a://b\nmy-key=1\n");
    let names: Vec<_> = file.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["discovery.type", "spring.datasource.url", "my-key"]);
}

#[test]
fn nothing_is_filled_in_from_anywhere() {
    for value in [
        "$PATH",
        "${PATH}",
        "${PATH:-x}",
        "$(id)",
        "$BERTH_MASTER_KEY",
        "${HOME}/bin",
        "`id`x",
        "%PATH%",
    ] {
        let quotes = if value.starts_with('`') {
            ["\"", "'"]
        } else {
            ["", "'"]
        };
        for quote in quotes {
            let text = format!("PATH=secret\nA={quote}{value}{quote}");
            assert_eq!(read(&text)[1].1, value, "{text:?}");
        }
        let text = format!("A=\"{value}\"");
        assert_eq!(read(&text)[0].1, value, "{text:?}");
    }
}

#[test]
fn errors_name_their_line() {
    for (text, told) in [
        ("A=1\nB\nC=2", "Line 2: Missing ="),
        ("export A", "Line 1: Missing ="),
        ("see https://example.org", "Line 1: Missing ="),
        ("\n\n1A=1", "Line 3: Invalid name or value. Use letters"),
        ("A B=1", "Line 1: Invalid name or value. Use letters"),
        ("=1", "Line 1: Invalid name or value. Use letters"),
        ("A='1\nB=2\nC=3", "Line 1: This quote is never closed"),
        ("A=1\nB=\"2\nC=3\\\"", "Line 2: This quote is never closed"),
        ("A='1'2", "Line 1: Unexpected text after"),
        ("A=\"a\nb\" c", "Line 1: Unexpected text after"),
        (
            "A=\"\\b\"",
            "Line 1: Programs interpret \\b in double quotes differently",
        ),
        (
            "A=\"C:\\0\\a\"",
            "Line 1: Programs interpret \\0 in double quotes differently",
        ),
        ("A='it\\'s'", "Line 1: Unexpected text after"),
        ("A: 1", "Line 1: Found a colon instead of"),
        ("A=1\nB : http://c?d=e", "Line 2: Found a colon instead of"),
        (
            "A='a\nb'\nA=2",
            "Line 3: A already has a different value on line 1.",
        ),
        (
            "A=a\0b",
            "Line 1: Invalid name or value. A value cannot contain a NUL",
        ),
    ] {
        let errors = wrong(text);
        assert_eq!(errors.len(), 1, "{text:?}: {errors:?}");
        assert!(errors[0].starts_with(told), "{text:?}: {errors:?}");
    }
    let errors = wrong("A\nB=\"\\b\"\nC=1\n2=3");
    let lines: Vec<_> = errors.iter().map(|error| &error[..6]).collect();
    assert_eq!(lines, ["Line 1", "Line 2", "Line 4"]);
}

#[test]
fn an_unquoted_value_over_several_lines_asks_for_quotes() {
    let key = "A=1\nKEY=-----BEGIN KEY-----\nMIIB\n-----END KEY-----\n\nB\n";
    let hint = "If this line is part of the value above, put the whole value in double quotes.";
    let errors = wrong(key);
    let hinted: Vec<_> = errors.iter().map(|error| error.ends_with(hint)).collect();
    assert_eq!(hinted, [true, true, false], "{errors:?}");
    assert!(errors[0].starts_with("Line 3: Missing ="), "{errors:?}");
    assert!(!wrong("A='1'\nB")[0].ends_with(hint));
    assert!(!wrong("B")[0].ends_with(hint));
}

#[test]
fn errors_do_not_repeat_the_value() {
    for text in [
        "canary",
        "A='canary",
        "A=\"canary\\b\"",
        "canary: canary",
        "a canary=1",
        "A='1'canary",
    ] {
        assert!(!wrong(text)[0].contains("canary"), "{text:?}");
    }
}

#[test]
fn values_are_written_without_quotes_where_possible() {
    let file = write([
        ("A", "1"),
        ("B", ""),
        ("C", "a b"),
        ("D", "it's $5"),
        ("E", "a\nb"),
    ]);
    assert_eq!(file, "A=1\nB=\nC='a b'\nD=\"it's \\$5\"\nE='a\nb'\n");
}
