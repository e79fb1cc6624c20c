//! HTML forms that call endpoints without WebAssembly.
//!
//! A form posts to [`ACTION_PREFIX`] + the endpoint's name. In addition to the fields of the
//! request, which are named in the bracket notation of [`input_name`], it carries hidden fields:
//! [`PATH_PREFIX`] fields for the path, [`PAGE`] for the page to show again after an error, and
//! [`SUCCESS`] for the page to open after a success. An empty input counts as absent. Any other
//! input whose name begins with an underscore belongs to the page, such as [`CONFIRM`], and is not
//! part of the request.

mod decode;
mod input_name;
mod outcome;
mod paste;
mod success;

use std::collections::HashMap;

use self::input_name::is_index;
pub use self::{
    decode::decode,
    input_name::{field_path, input_name},
    outcome::FormOutcome,
    paste::{PASTE, PASTE_FILLS, PASTE_REPLACES, PASTE_SHOWS, PasteRequest, PasteResult},
    success::{is_local, success_path},
};

/// The URL prefix that forms post to; the endpoint's name follows.
pub const ACTION_PREFIX: &str = "/form/";
/// The prefix of inputs for fields of the path.
pub const PATH_PREFIX: &str = "_path.";
/// The hidden field with the path and query of the page that contains the form.
pub const PAGE: &str = "_page";
/// The hidden field with the path to open after a success.
///
/// `{deployment.name}` stands for a value of the response.
pub const SUCCESS: &str = "_success";

/// The input for the name that confirms a deletion. The browser compares it.
pub const CONFIRM: &str = "_confirm";

/// A posted form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submission {
    /// The fields of the endpoint's path.
    pub path: Vec<(String, String)>,
    /// The page that contains the form.
    pub page: String,
    /// The path to open after a success.
    pub success: String,
    /// The fields of the request as they were typed, without blank rows of lists.
    ///
    /// The other rows are numbered from 0 without gaps.
    pub fields: Vec<(String, String)>,
    /// A pasted file of environment variables.
    pub paste: PasteRequest,
}

impl Submission {
    /// Reads an `application/x-www-form-urlencoded` body.
    pub fn parse(body: &[u8]) -> Self {
        let mut submission = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            let value = value.into_owned();
            match name.as_ref() {
                PAGE => submission.page = value,
                SUCCESS => submission.success = value,
                PASTE | PASTE_REPLACES | PASTE_FILLS | PASTE_SHOWS => {
                    submission.paste.take(&name, value);
                }
                _ => match name.strip_prefix(PATH_PREFIX) {
                    Some(field) => submission.path.push((field.to_owned(), value)),
                    None if name.starts_with('_') => {}
                    None => submission.fields.push((name.into_owned(), value)),
                },
            }
        }
        renumber_rows(&mut submission.fields);
        submission
    }
}

/// Drops empty inputs and renumbers the rows of every list.
///
/// For example, `a[0]` and `a[5]` become `a[0]` and `a[1]`.
fn renumber_rows(fields: &mut Vec<(String, String)>) {
    fields.retain(|(_, value)| !value.is_empty());
    // The new index of each row, for each list. Maps, because anyone may send a form with as many
    // rows as fit into a body.
    let mut lists: HashMap<String, HashMap<String, usize>> = HashMap::new();
    for (name, _) in fields {
        let mut renumbered = String::with_capacity(name.len());
        for (at, part) in name.split('[').enumerate() {
            let part = match part.strip_suffix(']') {
                Some(index) if at > 0 && is_index(index) => {
                    let rows = lists.entry(renumbered.clone()).or_default();
                    let next = rows.len();
                    let row = *rows.entry(index.to_owned()).or_insert(next);
                    format!("[{row}]")
                }
                _ if at > 0 => format!("[{part}"),
                _ => part.to_owned(),
            };
            renumbered.push_str(&part);
        }
        *name = renumbered;
    }
}

#[cfg(test)]
mod tests {
    use super::{Submission, decode};
    use crate::{
        api::workspace::deployment::CreateDeploymentRequest, deployment::Port, value::Argument,
    };

    #[test]
    fn a_nested_request_is_read_and_blank_rows_are_dropped() {
        let body = b"_page=%2Fnew&_success=%2Fx&_path.workspace_id=1&name=web\
            &runner_id=00000000-0000-0000-0000-000000000001&spec%5Bimage%5D=app%3A1&spec%5Bports%5D%5B0%5D%5Bnumber%5D=8080\
            &spec%5Bports%5D%5B1%5D%5Bnumber%5D=&spec%5Bports%5D%5B1%5D%5Bprotocol%5D=\
            &spec%5Bentrypoint%5D=a%0D%0Ab\
            &spec%5Benvironment%5D%5B0%5D%5Bname%5D=A&spec%5Benvironment%5D%5B0%5D%5Bvalue%5D=x+y%0D%0Az\
            &spec%5Benvironment%5D%5B1%5D%5Bname%5D=&spec%5Benvironment%5D%5B1%5D%5Bvalue%5D=\
            &spec%5Benvironment%5D%5B5%5D%5Bname%5D=EMPTY&spec%5Benvironment%5D%5B5%5D%5Bvalue%5D=";
        let submission = Submission::parse(body);
        assert_eq!(submission.page, "/new");
        assert_eq!(
            submission.path,
            [("workspace_id".to_owned(), "1".to_owned())]
        );
        let request: CreateDeploymentRequest = decode(&submission.fields).unwrap();
        assert_eq!(request.spec.ports, [Port::http(8080)]);
        let entrypoint: Vec<_> = request
            .spec
            .entrypoint
            .iter()
            .map(Argument::as_str)
            .collect();
        assert_eq!(entrypoint, ["a", "b"]);
        let environment: Vec<_> = request
            .spec
            .environment
            .iter()
            .map(|v| (v.name.as_str(), v.value.as_str()))
            .collect();
        assert_eq!(environment, [("A", "x y\nz"), ("EMPTY", "")]);
    }

    #[test]
    fn an_input_of_the_page_itself_is_not_part_of_the_request() {
        let submission = Submission::parse(b"_confirm=web&name=a");
        assert_eq!(submission.fields, [("name".to_owned(), "a".to_owned())]);
    }
}
