//! Decoding of a form's fields into a request, a path or a query.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::field_path;
use crate::{
    error::{ApiError, ErrorCode},
    request::{self, DecodeError},
    value::newlines::line_feeds,
};

/// The most numbers of one form that are trimmed of surrounding blanks.
///
/// Each of them costs another reading of the form, and anyone may send very many.
const MAX_TRIMS: usize = 32;

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

#[cfg(test)]
mod tests {
    use super::decode;
    use crate::{
        api::workspace::deployment::CreateDeploymentRequest, deployment::Port, error::ErrorCode,
        form::Submission,
    };

    #[test]
    fn a_missing_field_is_named() {
        let error = decode::<CreateDeploymentRequest>(&[]).unwrap_err();
        assert_eq!(error.code, ErrorCode::ValidationFailed);
        assert_eq!(error.field("name"), Some("This field is required."));
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
}
