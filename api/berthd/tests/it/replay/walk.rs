//! Everything that a signed-in person can read.
//!
//! They are each `GET` response, and each page that a link leads to.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, Request},
};
use harness::{Answer, Client, Things};
use models::{
    api::{ALL, PREFIX},
    endpoint::Access,
};

/// Visits everything, with these headers besides those of a browser.
pub(crate) async fn everything(
    person: &mut Client,
    things: &Things,
    headers: &[(&str, &str)],
) -> Vec<(String, Answer)> {
    let mut seen = Vec::new();
    let gets = ALL.iter().filter(|info| info.method == Method::GET);
    for info in gets.filter(|info| !info.stream && info.access != Access::Runner) {
        let path = format!("{PREFIX}{}", things.path(info));
        let answer = visit(person, &path, headers).await;
        if info.name == "GetApiToken" && answer.status == 404 {
            // It belongs to another person.
            continue;
        }
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        seen.push((path, answer));
    }
    let mut known = BTreeSet::from(["/", "/setup", "/sign-in"].map(str::to_owned));
    let mut ways: Vec<String> = known.iter().cloned().collect();
    let first = format!("/workspace/{}", things.workspace_id);
    known.insert(first.clone());
    ways.push(first);
    while let Some(path) = ways.pop() {
        let answer = visit(person, &path, headers).await;
        let is_fine = [200, 302, 303, 307].contains(&answer.status);
        assert!(is_fine, "{path}: {}", answer.status);
        for link in links(&answer.text) {
            if known.insert(link.clone()) {
                ways.push(link);
            }
        }
        seen.push((path, answer));
    }
    assert!(seen.len() > 35, "only {} answers were seen", seen.len());
    seen
}

async fn visit(person: &mut Client, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    person.send(request.body(Body::empty()).unwrap()).await
}

/// The targets of a page's links within this site.
fn links(page: &str) -> Vec<String> {
    let behind = page.split("href=\"").skip(1);
    let addresses = behind.filter_map(|rest| rest.split('"').next());
    addresses
        .filter(|address| address.starts_with('/') && !address.starts_with("/pkg/"))
        .filter(|address| *address != "/icon.svg" && !address.starts_with("/api"))
        .map(|address| {
            address
                .split('#')
                .next()
                .unwrap_or_default()
                .replace("&amp;", "&")
        })
        // Other pages of the same list do not count as new pages.
        .filter(|address| !address.contains("cursor=") && !address.contains("before="))
        .collect()
}
