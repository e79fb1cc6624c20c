//! House rules that neither the compiler nor Clippy knows.
//!
//! They apply to every Rust file of the repository.
//!
//! A rule with a limit above zero was made when files already broke it: the limit only goes down.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the sources fails"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders without sources of ours, or whose comments are test input (`ui`).
const SKIPPED: [&str; 5] = [".git", "node_modules", "site", "target", "ui"];

/// Openings that hide the noun of a doc comment.
const RIDDLES: [&str; 8] = [
    "How ", "That ", "What ", "Where ", "Whether ", "Which ", "Who ", "Whoever ",
];
/// Doc comments that may open with one of them.
const MOST_RIDDLES: usize = 0;

/// The longest first sentence of a doc comment, in characters.
const LONGEST_SENTENCE: usize = 80;
/// Doc comments whose first sentence may be longer.
const MOST_LONG_SENTENCES: usize = 0;

/// The longest file, in lines.
const LONGEST_FILE: usize = 500;

/// The longest function, in lines: about one screen.
const LONGEST_FUNCTION: usize = 70;
/// Functions that may be longer.
const MOST_LONG_FUNCTIONS: usize = 24;

/// Words that the glossary replaced, as parts of names.
const DENIED_WORDS: [&str; 39] = [
    "asking",
    "authorisation",
    "behaviour",
    "bringup",
    "cast",
    "colour",
    "depot",
    "desk",
    "enrol",
    "enrolment",
    "guarded",
    "guest",
    "helper",
    "keeper",
    "lane",
    "ledger",
    "life",
    "looked",
    "looks",
    "making",
    "manager",
    "memo",
    "mend",
    "nature",
    "overseer",
    "people",
    "rig",
    "said",
    "seat",
    "shelf",
    "tally",
    "teller",
    "tells",
    "tend",
    "told",
    "trials",
    "util",
    "utils",
    "wish",
];

/// Ids of things that belong to a workspace.
const TENANTS_IDS: [&str; 6] = [
    "DeploymentId",
    "InstanceId",
    "RegistryId",
    "ReleaseId",
    "SecretId",
    "VolumeId",
];
/// Arguments that tie an id to its owner: a workspace, a runner or a row.
const OWNERS: [&str; 9] = [
    "&Deployment",
    "&LockedDeployment",
    "&LockedLog",
    "&Release",
    "&Runner",
    "New",
    "Reporter",
    "RunnerId",
    "WorkspaceId",
];
/// Store functions that take such an id alone, for sweeps over all workspaces.
///
/// Jobs that merge and trim logs go from one log to the next, whoever owns it.
const SWEEPS: [&str; 1] = ["api/src/store/deployment_log.rs: find"];

/// Names that say nothing of what is in a file.
const EMPTY_NAMES: [&str; 8] = [
    "common.rs",
    "helper.rs",
    "helpers.rs",
    "manager.rs",
    "misc.rs",
    "mod.rs",
    "util.rs",
    "utils.rs",
];

/// A doc comment: its place, and its text up to the first empty line.
///
/// The place is that of its first line.
struct Doc {
    place: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Rust files of the repository with their texts.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root()).unwrap().to_owned();
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 500, "only {} files were found", found.len());
    found
}

/// The doc comments of a file.
fn docs(path: &Path, text: &str) -> Vec<Doc> {
    let mut docs: Vec<Doc> = Vec::new();
    let mut is_open = false;
    let mut was_doc = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let doc = ["///", "//!"]
            .iter()
            .find_map(|marker| line.strip_prefix(marker));
        let Some(doc) = doc else {
            (is_open, was_doc) = (false, false);
            continue;
        };
        let doc = doc.trim();
        if !was_doc {
            docs.push(Doc {
                place: format!("{}:{}", path.display(), number + 1),
                text: doc.to_owned(),
            });
            is_open = true;
        } else if doc.is_empty() {
            is_open = false;
        } else if let (true, Some(last)) = (is_open, docs.last_mut()) {
            last.text.push(' ');
            last.text.push_str(doc);
        }
        was_doc = true;
    }
    docs
}

/// The text up to the first full stop that ends a sentence.
fn first_sentence(text: &str) -> &str {
    let end = text.match_indices(". ").map(|(at, _)| at).find(|at| {
        let before = &text[..*at];
        !["e.g", "i.e", "etc"]
            .iter()
            .any(|short| before.ends_with(short))
    });
    end.map_or(text, |end| &text[..=end])
}

fn check(rule: &str, found: &[String], most: usize) {
    let shown: Vec<_> = found.iter().take(20).map(String::as_str).collect();
    assert!(
        found.len() <= most,
        "{rule}: {} places, {most} allowed. The first of them:\n{}",
        found.len(),
        shown.join("\n")
    );
}

#[test]
fn a_doc_comment_opens_with_its_noun_or_verb() {
    let mut riddles = Vec::new();
    for (path, text) in sources() {
        for doc in docs(&path, &text) {
            if RIDDLES.iter().any(|riddle| doc.text.starts_with(riddle)) {
                riddles.push(format!("{}: {}", doc.place, doc.text));
            }
        }
    }
    check(
        "docs that open with a question word",
        &riddles,
        MOST_RIDDLES,
    );
}

/// Openings that hide what a test shows.
const TEST_RIDDLES: [&str; 8] = [
    "how_",
    "what_",
    "whatever_",
    "where_",
    "whether_",
    "who_",
    "whoever_",
    "why_",
];
/// Tests that may open with one of them.
const MOST_TEST_RIDDLES: usize = 1;

#[test]
fn a_test_is_named_by_what_it_shows() {
    let mut riddles = Vec::new();
    for (path, text) in sources() {
        for (line, name, _) in functions(&text) {
            if TEST_RIDDLES.iter().any(|riddle| name.starts_with(riddle)) {
                riddles.push(format!("{}:{line}: {name}", path.display()));
            }
        }
    }
    check(
        "functions that open with a question word",
        &riddles,
        MOST_TEST_RIDDLES,
    );
}

#[test]
fn a_first_sentence_fits_a_line() {
    let mut long = Vec::new();
    for (path, text) in sources() {
        for doc in docs(&path, &text) {
            let sentence = first_sentence(&doc.text);
            // The address of an endpoint is as long as it is.
            let is_address = sentence.starts_with('`') && sentence.ends_with('`');
            if !is_address && sentence.chars().count() > LONGEST_SENTENCE {
                long.push(format!("{}: {sentence}", doc.place));
            }
        }
    }
    check(
        "first sentences longer than a line",
        &long,
        MOST_LONG_SENTENCES,
    );
}

#[test]
fn a_file_is_short_and_has_a_name() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
        let name = path.file_name().unwrap().to_string_lossy();
        if EMPTY_NAMES.contains(&name.as_ref()) {
            wrong.push(format!("{}: say what is in it", path.display()));
        }
    }
    check("files", &wrong, 0);
}

/// The functions of a formatted file: the line, name and length of each.
///
/// The length is in lines.
fn functions(text: &str) -> Vec<(usize, &str, usize)> {
    let lines: Vec<_> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let Some(name) = function_name(code) else {
            continue;
        };
        let indent = &line[..line.len() - code.len()];
        let is_last = |line: &&str| {
            let rest = line.strip_prefix(indent);
            rest.is_some_and(|rest| rest == "}" || !rest.starts_with(' ') && rest.ends_with(';'))
        };
        let length = if code.ends_with(['}', ';']) {
            1
        } else {
            let rest = lines[start + 1..].iter().position(is_last);
            rest.map_or(1, |rest| rest + 2)
        };
        found.push((start + 1, name, length));
    }
    found
}

/// The name of the function whose declaration begins a line.
fn function_name(code: &str) -> Option<&str> {
    let (before, after) = code.split_once("fn ")?;
    let is_declaration = before.split_whitespace().all(|word| {
        word.starts_with("pub") || ["async", "const", "extern", "unsafe"].contains(&word)
    });
    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (is_declaration && end > 0).then(|| &after[..end])
}

#[test]
fn a_function_fits_a_screen() {
    let mut long = Vec::new();
    for (path, text) in sources() {
        for (line, name, length) in functions(&text) {
            if length > LONGEST_FUNCTION {
                long.push(format!("{}:{line}: {name}: {length} lines", path.display()));
            }
        }
    }
    check("functions over a screen", &long, MOST_LONG_FUNCTIONS);
}

/// The files below a folder, relative to it.
fn files_below(folder: &str) -> Vec<PathBuf> {
    let files = sources().into_iter().map(|(path, _)| path);
    let below = files.filter_map(|path| path.strip_prefix(folder).map(Path::to_owned).ok());
    below.collect()
}

#[test]
fn a_route_stands_where_its_declaration_stands() {
    let declarations = files_below("models/src/api");
    assert!(declarations.len() > 50, "only {}", declarations.len());
    assert_eq!(files_below("api/src/routes"), declarations);
}

/// The declared names of a file's functions, types, modules and constants.
fn declared_names(text: &str) -> impl Iterator<Item = &str> {
    const KINDS: [&str; 8] = [
        "fn ", "struct ", "enum ", "trait ", "mod ", "const ", "static ", "type ",
    ];
    text.lines().filter_map(|line| {
        let code = line.trim_start();
        let code = match code.strip_prefix("pub") {
            Some(rest) => rest.split_once(' ')?.1,
            None => code,
        };
        let code = code.trim_start_matches("async ");
        let rest = KINDS.iter().find_map(|kind| code.strip_prefix(kind))?;
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        Some(&rest[..end])
    })
}

/// The words of a name in either case: `RunnerHost` and `runner_host` have two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if c == '_' || c.is_uppercase() && was_lower {
            words.push(String::new());
        }
        was_lower = c.is_lowercase() || c.is_ascii_digit();
        if let (true, Some(word)) = (c != '_', words.last_mut()) {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[test]
fn a_name_is_a_word_of_the_glossary() {
    let mut denied = Vec::new();
    for (path, text) in sources() {
        // The names of tests are sentences.
        let is_test = path.iter().any(|part| part == "tests");
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let declared = declared_names(&text).filter(|_| !is_test);
        for name in declared.chain([stem.as_str()]) {
            // So are those of unit tests.
            let words = words(name);
            if words.len() < 5
                && words
                    .iter()
                    .any(|word| DENIED_WORDS.contains(&word.as_str()))
            {
                denied.push(format!("{}: {name}", path.display()));
            }
        }
    }
    check("names that the glossary denies", &denied, 0);
}

/// The public functions of a store module, each with its arguments.
fn store_functions(text: &str) -> Vec<(&str, &str)> {
    let parts = text.split("pub async fn ").skip(1);
    let functions = parts.filter_map(|part| {
        let (head, rest) = part.split_once('(')?;
        let (arguments, _) = rest.split_once(") ->")?;
        let name = head.split('<').next()?;
        Some((name, arguments))
    });
    functions.collect()
}

#[test]
fn a_store_call_names_the_owner_of_what_it_reads() {
    let mut loose = Vec::new();
    for (path, text) in sources() {
        if !path.starts_with("api/src/store") {
            continue;
        }
        for (name, arguments) in store_functions(&text) {
            let has = |words: &[&str]| words.iter().any(|word| arguments.contains(word));
            if has(&TENANTS_IDS) && !has(&OWNERS) {
                loose.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert_eq!(loose, SWEEPS, "store calls by an id alone");
}

#[test]
fn the_rules_see_what_they_are_for() {
    let store = "pub async fn a(tx: &mut Tx, id: VolumeId) -> u8 {}\npub async fn b<T>(\n    c: T,\n) -> u8 {}";
    assert_eq!(
        store_functions(store),
        [("a", "tx: &mut Tx, id: VolumeId"), ("b", "\n    c: T,\n")]
    );
    let names = declared_names("pub(crate) async fn a_b() {\nstruct C;\nlet d = 1;\n");
    assert_eq!(names.collect::<Vec<_>>(), ["a_b", "C"]);
    assert_eq!(words("RunnerHost"), ["runner", "host"]);
    assert_eq!(words("MAX_WISH"), ["max", "wish"]);

    let code = "fn a() {}\n\n    pub(crate) async fn b<T>(\n        c: T,\n    ) {\n        d();\n    }\n\ntrait E {\n    fn f(&self);\n}\n";
    assert_eq!(functions(code), [(1, "a", 1), (3, "b", 5), (10, "f", 1)]);

    let path = Path::new("a.rs");
    let text = "//! What waits.\n\n/// Waits. It is short,\n/// e.g. one. Two.\n///\n/// More.\nfn a() {}\n";
    let docs = docs(path, text);
    assert_eq!(docs.len(), 2);
    assert!(
        RIDDLES
            .iter()
            .any(|riddle| docs[0].text.starts_with(riddle))
    );
    assert_eq!(docs[1].text, "Waits. It is short, e.g. one. Two.");
    assert_eq!(docs[1].place, "a.rs:3");
    assert_eq!(first_sentence("Is e.g. one. Two."), "Is e.g. one.");
}
