//! Size of a page's first load in a browser.

use std::collections::BTreeSet;

use anyhow::Result;
use xtask::{http::Response, progress::Line, services::Folder};

use crate::{
    Subject,
    api::{self, Api},
    berthd::{Berthd, ThisMachine},
    report::{Table, kilobytes},
};

/// Loads the pages with all files that they reference.
pub(super) fn measure(subject: &Subject<'_>, line: &mut Line) -> Result<Table> {
    line.note("loading");
    let folder = Folder::create("bench-page")?;
    let server = Berthd::start(subject, folder.path(), ThisMachine::Off)?;
    let api = Api::set_up(&server)?;
    let home = format!("/workspace/{}", api.workspace_id);
    let rows = vec![
        row("sign in", "/sign-in", |path, codings| {
            api::browse(server.port, path, "", codings)
        })?,
        row(
            "home of a new workspace, signed in",
            &home,
            |path, codings| api.browse(path, codings),
        )?,
    ];
    let mut columns = vec!["Page", "HTML"];
    columns.extend(KINDS);
    columns.push("all");
    Ok(Table {
        title: "Pages, first load",
        method: "Bytes of the bodies as they are sent to a browser that takes brotli. Pages name \
                 all of their files in the HTML; a second load needs the HTML only, for the files \
                 are cached for ever."
            .to_owned(),
        columns,
        rows,
    })
}

/// Kinds of files, by extension.
const KINDS: [&str; 3] = ["css", "js", "wasm"];

/// Content codings that browsers accept.
pub(super) const CODINGS: &str = "gzip, deflate, br";
/// The content coding that this program can read.
const PLAIN: &str = "identity";

fn row(
    name: &str,
    page: &str,
    browse: impl Fn(&str, &str) -> Result<Response>,
) -> Result<Vec<String>> {
    let html = browse(page, CODINGS)?;
    let mut sent = [0; KINDS.len()];
    for file in files(&browse(page, PLAIN)?.text()) {
        let size = browse(&file, CODINGS)?.body.len();
        if let Some(kind) = KINDS
            .iter()
            .position(|kind| file.ends_with(&format!(".{kind}")))
        {
            sent[kind] += size;
        }
    }
    let all = html.body.len() + sent.iter().sum::<usize>();
    let mut row = vec![name.to_owned(), kilobytes(html.body.len())];
    row.extend(sent.map(|size| {
        if size == 0 {
            "–".to_owned()
        } else {
            kilobytes(size)
        }
    }));
    row.push(kilobytes(all));
    Ok(row)
}

/// Returns the addresses of built files in the HTML, including those in scripts.
fn files(html: &str) -> BTreeSet<String> {
    html.split("/pkg/")
        .skip(1)
        .filter_map(|rest| rest.split(['"', '\'', '&', '\\', '<', ' ']).next())
        .map(|file| format!("/pkg/{file}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_a_page_names_is_found_once() {
        let html = r#"<link href="/pkg/0a/berth.css"><link href="/pkg/0a/berth.js">
            <script>import("/pkg/0a/berth.js").then(m => m("/pkg/0a/berth.wasm"))</script>"#;
        let files: Vec<_> = files(html).into_iter().collect();
        assert_eq!(
            files,
            [
                "/pkg/0a/berth.css",
                "/pkg/0a/berth.js",
                "/pkg/0a/berth.wasm"
            ]
        );
    }
}
