//! Forms: any body is either read or refused, and the inputs of a page arrive.

use models::{
    RunnerId,
    api::workspace::deployment::{CreateDeploymentRequest, UpdateDeploymentRequest},
    deployment::{Port, Spec},
    error::ErrorCode,
    form::{Submission, decode, field_path, input_name},
    value::{EnvironmentName, EnvironmentValue, EnvironmentVariable, ImageReference, ResourceName},
};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Returns the body of a form, as a browser encodes it.
fn body(fields: &[(String, String)]) -> Vec<u8> {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    body.finish().into_bytes()
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, models::error::ApiError> {
    decode(&Submission::parse(body.as_bytes()).fields)
}

/// Generates bytes that resemble forms in many details.
fn form_like() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "spec",
        "environment",
        "name",
        "value",
        "ports",
        "number",
        "deploy",
        "[",
        "]",
        "[0]",
        "[7]",
        "[]",
        "=",
        "&",
        "%5B",
        "%5D",
        "%00",
        "%FF",
        "%",
        "+",
        "true",
        "8080",
        "_path.",
        "_page",
        "_success",
        "[99999999999999999999]",
    ]);
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

fn variable() -> impl Strategy<Value = EnvironmentVariable> {
    // A browser sends every line break as CR LF, and LF is stored.
    (
        "[A-Za-z_][A-Za-z0-9_]{0,9}",
        prop_oneof![any::<String>(), "[a-z \n]{0,9}"],
    )
        .prop_map(|(name, value)| {
            EnvironmentVariable::plain(
                EnvironmentName::trusted(name),
                EnvironmentValue::trusted(value.replace('\r', "")),
            )
        })
}

prop_compose! {
    fn request()(
        name in "[a-z]{1,9}",
        runner: u128,
        image in "[a-z]{1,9}(:[0-9]{1,3})?",
        ports in prop::collection::btree_set(1..=u16::MAX, 0..4),
        environment in prop::collection::vec(variable(), 0..12),
        deploy: Option<bool>,
    ) -> CreateDeploymentRequest {
        CreateDeploymentRequest {
            environment: None,
            name: ResourceName::trusted(name),
            runner_id: RunnerId::from_uuid(Uuid::from_u128(runner)),
            source: None,
            spec: Spec {
                ports: ports.into_iter().map(Port::http).collect(),
                environment,
                ..Spec::of_image(ImageReference::trusted(image))
            },
            machine_type: None,
            deploy,
            auto_deploy: None,
        }
    }
}

/// Returns the inputs of a form for a request.
///
/// Row `n` of the variables has the index `indices[n]`, with blank rows in between.
fn inputs(request: &CreateDeploymentRequest, indices: &[usize]) -> Vec<(String, String)> {
    let mut inputs = vec![
        (input_name("name"), request.name.to_string()),
        (input_name("runner_id"), request.runner_id.to_string()),
        (input_name("spec.image"), request.spec.image.to_string()),
        (
            input_name("deploy"),
            request
                .deploy
                .map_or_else(String::new, |deploy| deploy.to_string()),
        ),
    ];
    for (row, port) in request.spec.ports.iter().enumerate() {
        let field = |name| input_name(&format!("spec.ports[{row}].{name}"));
        inputs.push((field("number"), port.number.to_string()));
        inputs.push((field("protocol"), String::new()));
    }
    for (variable, index) in request.spec.environment.iter().zip(indices) {
        let row = |index: usize, field| input_name(&format!("spec.environment[{index}].{field}"));
        inputs.push((row(*index, "name"), variable.name.to_string()));
        inputs.push((
            row(*index, "value"),
            variable.value.as_str().replace('\n', "\r\n"),
        ));
        inputs.push((row(index + 1, "name"), String::new()));
        inputs.push((row(index + 1, "value"), String::new()));
    }
    inputs
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(body in prop_oneof![any::<Vec<u8>>(), form_like().prop_map(String::into_bytes)]) {
        let submission = Submission::parse(&body);
        let _ = decode::<CreateDeploymentRequest>(&submission.fields);
        let _ = decode::<CreateDeploymentRequest>(&submission.path);
        for (name, _) in &submission.fields {
            let _ = input_name(&field_path(name));
        }
    }

    #[test]
    fn every_input_of_a_form_arrives(
        request in request(),
        gaps in prop::collection::vec(2..1_000_usize, 12),
    ) {
        let indices: Vec<_> = gaps.iter().scan(0, |at, gap| { *at += gap; Some(*at) }).collect();
        let submission = Submission::parse(&body(&inputs(&request, &indices)));
        prop_assert_eq!(decode::<CreateDeploymentRequest>(&submission.fields).unwrap(), request);
    }

    #[test]
    fn inputs_and_fields_find_each_other(path in "[a-z_]{1,9}(\\.[a-z_]{1,9}|\\[[0-9]{1,4}\\]){0,6}") {
        prop_assert_eq!(field_path(&input_name(&path)), path);
    }
}

#[test]
fn a_choice_of_yes_or_no_arrives() {
    let create = "name=web&runner_id=00000000-0000-0000-0000-000000000001&spec%5Bimage%5D=app";
    let update = "spec%5Bimage%5D=app";
    for (typed, meant) in [
        ("", None),
        ("&deploy=", None),
        ("&deploy=true", Some(true)),
        ("&deploy=false", Some(false)),
    ] {
        let request: CreateDeploymentRequest = read(&format!("{create}{typed}")).unwrap();
        assert_eq!(request.deploy, meant, "create with {typed:?}");
        let request: UpdateDeploymentRequest = read(&format!("{update}{typed}")).unwrap();
        assert_eq!(request.deploy, meant, "update with {typed:?}");
    }
    let error = read::<UpdateDeploymentRequest>(&format!("{update}&deploy=perhaps")).unwrap_err();
    assert_eq!(error.code, ErrorCode::ValidationFailed);
    assert!(error.field("deploy").is_some(), "{error:?}");
}

#[test]
fn as_many_rows_as_fit_into_a_body_are_numbered() {
    let rows: Vec<String> = (0..100_000)
        .map(|row| format!("a[{}]=1", row * 3))
        .collect();
    let submission = Submission::parse(rows.join("&").as_bytes());
    let last = submission.fields.last().map(|(name, _)| name.as_str());
    assert_eq!((submission.fields.len(), last), (100_000, Some("a[99999]")));
}
