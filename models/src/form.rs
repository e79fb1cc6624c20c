//! HTML forms that call endpoints without WebAssembly.
//!
//! A form posts to [`ACTION_PREFIX`] + the endpoint's name. In addition to the fields of the
//! request, which are named in the bracket notation of [`input_name`], it carries hidden fields:
//! [`PATH_PREFIX`] fields for the path, [`PAGE`] for the page to show again after an error, and
//! [`SUCCESS`] for the page to open after a success. An empty input counts as absent. Any other
//! input whose name begins with an underscore belongs to the page, such as [`CONFIRM`], and is not
//! part of the request.

mod paste;

use std::{borrow::Cow, collections::HashMap};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    error::{ApiError, ErrorCode},
    request::{self, DecodeError},
    value::newlines::line_feeds,
};

pub use paste::{PASTE, PASTE_FILLS, PASTE_REPLACES, PASTE_SHOWS, PasteRequest, PasteResult};

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

/// The most numbers of one form that are trimmed of surrounding blanks.
///
/// Each of them costs another reading of the form, and anybody may send very many.
const MAX_TRIMS: usize = 32;

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

/// The outcome of a form that failed or was not sent on.
///
/// The page that is shown again displays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormOutcome {
    /// The endpoint's name.
    pub endpoint: String,
    /// The typed values; [`Self::of`] says which ones are left out.
    pub values: Vec<(String, String)>,
    /// The error; `None` if there was none.
    pub error: Option<ApiError>,
    /// The outcome of a pasted file; `None` if there was none.
    pub pasted: Option<PasteResult>,
}

impl FormOutcome {
    /// Returns the outcome of a submission.
    ///
    /// Drops inputs whose names contain words for passwords, secret values or tokens, so that no
    /// page ever returns them.
    pub fn of(endpoint: &str, fields: Vec<(String, String)>, error: ApiError) -> Self {
        Self {
            error: Some(error),
            ..Self::typed(endpoint, fields)
        }
    }

    /// Returns the outcome of a submission with a pasted file, applied to its rows.
    pub fn of_paste(
        endpoint: &str,
        mut fields: Vec<(String, String)>,
        paste: PasteRequest,
    ) -> Self {
        let pasted = paste.apply(&mut fields);
        Self {
            pasted: Some(pasted),
            ..Self::typed(endpoint, fields)
        }
    }

    fn typed(endpoint: &str, fields: Vec<(String, String)>) -> Self {
        let secret = |name: &str| {
            ["password", "secret_value", "token"]
                .iter()
                .any(|word| name.contains(word))
        };
        Self {
            endpoint: endpoint.to_owned(),
            values: fields
                .into_iter()
                .filter(|(name, _)| !secret(name))
                .collect(),
            error: None,
            pasted: None,
        }
    }

    /// Returns the typed value of an input.
    pub fn value(&self, input: &str) -> Option<&str> {
        let typed = self.values.iter().find(|(name, _)| name == input);
        typed.map(|(_, value)| value.as_str())
    }

    /// Returns the error message for an input.
    pub fn error(&self, input: &str) -> Option<&str> {
        self.error.as_ref()?.field(&field_path(input))
    }
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
    // The new index of each row, for each list. Maps, because anybody may send a form with as many
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

fn is_index(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Reads the fields of a form into a request, a path or a query.
///
/// # Errors
/// [`ErrorCode::ValidationFailed`] with the field that could not be read, or with the unknown
/// fields.
pub fn decode<T: DeserializeOwned>(fields: &[(String, String)]) -> Result<T, ApiError> {
    let mut fields = Cow::Borrowed(fields);
    let mut trims = 0;
    loop {
        let wrong = match read(&fields)? {
            Ok(read) => return Ok(read),
            Err(DecodeError::Fields(wrong)) => wrong,
            Err(DecodeError::Malformed(_)) => return Err(ErrorCode::MalformedRequest.into()),
        };
        trims += 1;
        let first = wrong.first().map(|error| error.field.as_str());
        if trims > MAX_TRIMS || !trim_number(&mut fields, first.unwrap_or_default()) {
            return Err(ApiError::invalid(wrong));
        }
    }
}

/// Trims the blanks around a number; true if there were any.
///
/// Called only for a field that failed to read as a number: in a text, blanks may be intended.
fn trim_number(fields: &mut Cow<'_, [(String, String)]>, path: &str) -> bool {
    let is_padded = |(name, value): &(String, String)| {
        let number = value.trim();
        number.len() < value.len() && number.parse::<f64>().is_ok() && field_path(name) == path
    };
    let Some(at) = fields.iter().position(is_padded) else {
        return false;
    };
    let value = &mut fields.to_mut()[at].1;
    *value = value.trim().to_owned();
    true
}

fn read<T: DeserializeOwned>(
    fields: &[(String, String)],
) -> Result<Result<T, DecodeError<serde_qs::Error>>, ApiError> {
    let mut given = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        // Browsers send line breaks of a textarea as CR LF; nobody means the CR.
        given.append_pair(name, &line_feeds(value.clone()));
    }
    let given = given.finish();
    let config = serde_qs::Config::new().use_form_encoding(true);
    let fields = serde_qs::Deserializer::with_config(config, given.as_bytes())
        .map_err(|_| ErrorCode::MalformedRequest)?;
    Ok(request::read(fields, |_| true))
}

/// Returns the input name for a field.
///
/// For example, `spec.environment[0].name` becomes `spec[environment][0][name]`.
pub fn input_name(field_path: &str) -> String {
    let mut name = String::with_capacity(field_path.len() + 4);
    for (at, part) in field_path
        .split(['.', '[', ']'])
        .filter(|p| !p.is_empty())
        .enumerate()
    {
        if at == 0 {
            name.push_str(part);
        } else {
            name.push('[');
            name.push_str(part);
            name.push(']');
        }
    }
    name
}

/// Returns the field path of an input: the inverse of [`input_name`].
///
/// The path has the form of [`FieldError`](crate::error::FieldError).
pub fn field_path(input_name: &str) -> String {
    let mut path = String::with_capacity(input_name.len());
    for part in input_name.split(['[', ']']).filter(|p| !p.is_empty()) {
        if is_index(part) {
            path.push('[');
            path.push_str(part);
            path.push(']');
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(part);
        }
    }
    path
}

/// Replaces each `{a.b}` in a success path with a value of the response.
///
/// Returns `None` if a value is missing or the path would leave this site.
pub fn success_path(template: &str, answer: &Value) -> Option<String> {
    let mut path = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        let value = name
            .split('.')
            .try_fold(answer, |value, key| value.get(key))?;
        path.push_str(before);
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        path.extend(percent_encoding::utf8_percent_encode(
            &text,
            crate::client::SEGMENT,
        ));
        rest = after;
    }
    path.push_str(rest);
    is_local(&path).then_some(path)
}

/// True if a path stays on this site.
///
/// It begins with one slash, and contains nothing that a browser reads as a host.
pub fn is_local(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && !path.bytes().any(|b| b.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Submission, decode, field_path, input_name, is_local, success_path};
    use crate::{
        api::workspace::deployment::CreateDeploymentRequest, deployment::Port, error::ErrorCode,
        value::Argument,
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
    fn a_missing_field_is_named() {
        let error = decode::<CreateDeploymentRequest>(&[]).unwrap_err();
        assert_eq!(error.code, ErrorCode::ValidationFailed);
        assert_eq!(error.field("name"), Some("This field is required."));
    }

    #[test]
    fn an_input_of_the_page_itself_is_not_part_of_the_request() {
        let submission = Submission::parse(b"_confirm=web&name=a");
        assert_eq!(submission.fields, [("name".to_owned(), "a".to_owned())]);
    }

    #[test]
    fn an_input_that_nothing_reads_is_named() {
        let body = b"name=web&runner_id=00000000-0000-0000-0000-000000000001\
            &spec[image]=app&spec[privileged]=true&spec[ports][0][number]=1&spec[ports][0][x]=1";
        let error = decode::<CreateDeploymentRequest>(&Submission::parse(body).fields).unwrap_err();
        assert_eq!(error.code, ErrorCode::ValidationFailed);
        let fields: Vec<_> = error.fields.iter().map(|error| &error.field).collect();
        assert_eq!(fields, ["spec.ports[0].x", "spec.privileged"]);
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_named_with_its_place() {
        let body = b"name=web&runner_id=00000000-0000-0000-0000-000000000001\
            &spec[image]=app&spec[ports][0][number]=many";
        let error = decode::<CreateDeploymentRequest>(&Submission::parse(body).fields).unwrap_err();
        assert!(error.field("spec.ports[0].number").is_some(), "{error:?}");
    }

    #[test]
    fn blanks_around_a_number_do_not_count_and_around_a_text_they_do() {
        let body = b"name=web&runner_id=00000000-0000-0000-0000-000000000001\
            &spec[image]=app&spec[ports][0][number]=+80+&spec[ports][1][number]=81%09\
            &spec[environment][0][name]=A&spec[environment][0][value]=+80+";
        let request: CreateDeploymentRequest = decode(&Submission::parse(body).fields).unwrap();
        assert_eq!(request.spec.ports, [Port::http(80), Port::http(81)]);
        assert_eq!(request.spec.environment[0].value.as_str(), " 80 ");
    }

    #[test]
    fn input_names_and_field_paths_are_inverse() {
        for (path, input) in [
            ("name", "name"),
            ("spec.image", "spec[image]"),
            ("spec.environment[2].name", "spec[environment][2][name]"),
        ] {
            assert_eq!(input_name(path), input);
            assert_eq!(field_path(input), path);
        }
    }

    #[test]
    fn a_success_path_takes_values_from_the_answer_and_stays_on_the_site() {
        let answer = json!({"deployment": {"deployment_id": "d-1"}, "evil": "//x"});
        assert_eq!(
            success_path("/d/{deployment.deployment_id}", &answer).unwrap(),
            "/d/d-1"
        );
        assert_eq!(success_path("/d/{deployment.name}", &answer), None);
        assert_eq!(success_path("https://example.org", &answer), None);
        assert_eq!(success_path("/{evil}", &answer).unwrap(), "/%2F%2Fx");
        for outside in [
            "//example.org",
            "/\\example.org",
            "example.org",
            "",
            "/a\nb",
        ] {
            assert!(!is_local(outside), "{outside:?} passed as local");
        }
    }
}
