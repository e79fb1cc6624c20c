//! Texts that have broken other systems, for every field that a person may fill.

use std::sync::LazyLock;

/// Every text: for shells, options, paths, terminals, pages, databases and parsers.
pub(crate) static ALL: LazyLock<Vec<String>> = LazyLock::new(|| {
    let plain = [
        // Shells.
        "$(id)",
        "`id`",
        "; id",
        "| id",
        "& id",
        "&& id",
        "a;b",
        "a$IFS$9b",
        "> /etc/passwd",
        "'; id; '",
        "\" id \"",
        "\\",
        "*",
        "~root",
        "!!",
        "${PATH}",
        "#a",
        "a\nb",
        "a\r\nb",
        // Options, if the text became a separate word.
        "-rf",
        "--privileged",
        "-",
        "--",
        "-oProxyCommand=id",
        // Paths.
        "../../etc/passwd",
        "/../etc/passwd",
        "/",
        "//",
        "/etc/passwd",
        "C:\\a",
        "%2e%2e%2f",
        "/a/./b",
        "/var/run/docker.sock",
        // Pages and responses.
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        "{{7*7}}",
        "a\r\nset-cookie: a=b",
        // Databases.
        "' OR 1=1 --",
        "a%",
        "a_",
        "x'); DROP TABLE release; --",
        // Characters that no text contains, look-alikes, and reversed lines.
        "a\0b",
        "\0",
        "\u{1b}[2J\u{1b}]0;owned\u{7}",
        "\u{202e}gpj.exe",
        "\u{feff}a",
        "ａdmin",
        "é",
        "e\u{301}",
        "\u{200b}",
        "\u{7f}",
        "\u{85}",
        "💣",
        " a ",
        "\t",
        "",
        // Parsers of files.
        "A=B",
        "A: b",
        "- a",
        "&a *a",
        "!!python/object",
        "@file",
        "${env:HOME}",
        "null",
        "0",
        "1e9",
    ];
    let mut texts: Vec<String> = plain.into_iter().map(str::to_owned).collect();
    texts.push("a".repeat(5_000));
    texts.push("a/".repeat(1_000));
    texts
});
