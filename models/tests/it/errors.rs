//! The table of error codes, and the page generated from it.

use std::{env, fmt::Write, fs, path::Path};

use models::{
    api::ALL,
    deployment::FailureCode,
    error::{ApiError, ErrorCode, FieldError},
};

fn name(code: ErrorCode) -> String {
    serde_json::to_value(code)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn codes_keep_their_names_statuses_and_messages() {
    let mut table = String::new();
    for code in ErrorCode::ALL {
        let status = code.status().as_u16();
        writeln!(table, "{} {status} {}", name(*code), code.message()).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn an_error_is_written_the_same_way_everywhere() {
    let field = FieldError {
        field: "spec.environment[2].name".to_owned(),
        message: "Use letters.".to_owned(),
    };
    let errors = [
        ApiError::new(ErrorCode::NotFound),
        ApiError::new(ErrorCode::Internal).with_message("A more telling message."),
        ApiError::invalid(vec![field]),
    ];
    for error in &errors {
        let text = serde_json::to_string(error).unwrap();
        assert_eq!(&serde_json::from_str::<ApiError>(&text).unwrap(), error);
    }
    let written = serde_json::to_string_pretty(&errors).unwrap();
    insta::assert_snapshot!(written);
}

/// Codes that no declaration can have: no endpoint's path, or no response at all.
const OUTSIDE: [ErrorCode; 3] = [
    ErrorCode::MethodNotAllowed,
    ErrorCode::MisdirectedRequest,
    ErrorCode::ServerUnreachable,
];

#[test]
fn every_code_is_declared_by_an_endpoint() {
    for code in ErrorCode::ALL {
        let is_met = ALL.iter().any(|info| info.errors().contains(code));
        assert_ne!(is_met, OUTSIDE.contains(code), "{code:?}");
    }
}

const INTRODUCTION: &str = "# Errors

Every failure under `/api` has this form and an `x-request-id` header; the server logs the failure \
under the same id.

```json
{\"status\": 404, \"code\": \"not_found\", \"message\": \"Not found, or you do not have access to it.\"}
```

The status belongs to the code. Programs read `code`; `message` is for people: it may change at any \
time, and one failure may have a more specific one. `validation_failed` adds `fields`, a list of \
`{\"field\": \"spec.environment[2].name\", \"message\": \"…\"}`.

This page is generated from `models::error::ErrorCode` and `models::deployment::FailureCode`; a \
test compares them. To regenerate it: \
`UPDATE_DOCS=1 cargo test -p models`.
";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for code in ErrorCode::ALL {
        let (status, meaning, message) = (code.status(), code.meaning(), code.message());
        let endpoints = met_at(*code);
        let name = name(*code);
        write!(
            page,
            "\n## `{name}`\n\n**{status}.** {meaning} {endpoints}\n\n> {message}\n"
        )
        .unwrap();
    }
    page.push_str(FAILURES);
    for code in FailureCode::ALL {
        writeln!(page, "| `{code}` | {} |", code.meaning()).unwrap();
    }
    page
}

const FAILURES: &str = "
## Failures of releases, instances and commands

A failed release, the last error of a deployment or an instance, a volume that could not be \
removed and a watched tag that could not be resolved say why with a `failure`: the party at fault \
(`user` or `platform`), a `code` and a `message` for people. Runners of other kinds and newer \
versions may have further codes.

| Code | Meaning |
|---|---|
";

/// Returns a sentence about the endpoints that return a code.
fn met_at(code: ErrorCode) -> String {
    let declaring: Vec<_> = ALL
        .iter()
        .filter(|info| info.declared_errors.contains(&code))
        .map(|info| format!("`{}`", info.name))
        .collect();
    let count = ALL
        .iter()
        .filter(|info| info.errors().contains(&code))
        .count();
    match count {
        0 => "No endpoint declares it.".to_owned(),
        _ if count == ALL.len() => "Any endpoint.".to_owned(),
        _ if declaring.len() == count => format!("From {}.", declaring.join(", ")),
        _ => "See `/api/v1/openapi.json` for the endpoints.".to_owned(),
    }
}

#[test]
fn the_page_of_errors_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ERRORS.md");
    let page = page();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/ERRORS.md is not what the codes say: run `UPDATE_DOCS=1 cargo test -p models`"
    );
}
