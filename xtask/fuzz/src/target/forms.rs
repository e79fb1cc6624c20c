//! Form bodies, and pasted files of environment variables.

use garde::Validate;
use models::{
    api::workspace::deployment::{
        CreateDeploymentRequest, RunCommandRequest, UpdateDeploymentRequest,
    },
    dotenv,
    form::{self, Submission},
    page::PageQuery,
};

use super::{Target, text};

pub(super) const BODIES: Target = Target {
    name: "forms",
    about: "form bodies and their redirects",
    seeds: &[
        "_page=%2Fworkspace%2Fnew&_success=%2Fworkspace%2F%7Bworkspace.workspace_id%7D&name=a",
        "_path.workspace_id=01890000-0000-7000-8000-000000000001&name=a&runner_id=01890000-0000-7000-8000-000000000001&spec%5Bimage%5D=app%3A1&spec%5Bcommand%5D=%2Fapp%0D%0A--a&spec%5Bports%5D%5B0%5D%5Bnumber%5D=80&spec%5Bports%5D%5B0%5D%5Bprotocol%5D=http",
        "spec[environment][0][name]=A&spec[environment][0][value]=b&spec[environment][7][name]=B&_paste.text=C%3D1&_paste.mode=add&deploy=true",
        "command=%5B%22a%22%2C%22b%22%5D&limit_ms=1000",
        "limit=3&cursor=a",
    ],
    check: |input| {
        let submission = Submission::parse(input);
        let fields = &submission.fields;
        if let Ok(request) = form::decode::<CreateDeploymentRequest>(fields) {
            request.validate().ok();
        }
        if let Ok(request) = form::decode::<UpdateDeploymentRequest>(fields) {
            request.validate().ok();
        }
        form::decode::<RunCommandRequest>(fields).ok();
        form::decode::<PageQuery>(fields).ok();
        let all = text(input);
        for path in fields
            .iter()
            .map(|(_, value)| value.as_str())
            .chain([all.as_ref()])
        {
            stays_here(path);
        }
        // A form that no page of ours offers can have fields of any name; dots separate nested
        // fields.
        for (name, _) in fields.iter().filter(|(name, _)| !name.contains('.')) {
            let once = form::field_path(name);
            let again = form::field_path(&form::input_name(&once));
            assert_eq!(once, again, "the field of {name:?}");
        }
    },
};

/// Asserts that every browser keeps this path on this site.
fn stays_here(path: &str) {
    if !form::is_local(path) {
        return;
    }
    // Browsers treat a backslash as a slash, and ignore tabs and line breaks (WHATWG URL §4.4).
    let read: String = path
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect();
    let read = read.replace('\\', "/");
    let read = read.trim_start_matches(|c: char| c <= ' ');
    assert!(
        read.starts_with('/') && !read.starts_with("//"),
        "{path:?} leads elsewhere"
    );
    assert!(
        !path.contains(['\r', '\n', '\0']),
        "{path:?} can end a header"
    );
}

pub(super) const PASTED: Target = Target {
    name: "dotenv",
    about: "pasted .env files",
    seeds: &[
        "A=1\nB=two words # a comment\n\nexport C='it''s'\nD=\"a\\nb\\\"c\"\n# only a comment\n",
        "A=$HOME\nB=`id`\nC=\"${A}\"\nD='a\nb'\n",
        "\u{feff}A=1\r\nB =\r\nC= \r\n",
        "A=\"unfinished\nB=1",
        "1A=1\nA-B=2\n=3\nA",
    ],
    check: |input| {
        let pasted = text(input);
        match dotenv::parse(&pasted) {
            Ok(variables) => {
                for variable in &variables {
                    assert!(variable.validate().is_ok(), "{variable:?} breaks a rule");
                }
                let pairs = variables
                    .iter()
                    .map(|v| (v.name.as_str(), v.value.as_str()));
                let written = dotenv::write(pairs);
                let again = dotenv::parse(&written);
                assert_eq!(again.as_ref(), Ok(&variables), "written as {written:?}");
            }
            Err(errors) => assert!(!errors.is_empty(), "it was refused for no reason"),
        }
    },
};
