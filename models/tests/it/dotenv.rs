//! Files of environment variables, and the effect of pasting one into a form.

use std::fmt::Write;

use models::{
    api::workspace::deployment::UpdateDeploymentRequest,
    dotenv::{parse, write},
    form::{FormOutcome, PasteRequest, Submission, decode},
};
use proptest::prelude::*;

const ROWS: &str = "spec[image]=app\
    &spec[environment][0][name]=A&spec[environment][0][value]=1\
    &spec[environment][1][name]=B&spec[environment][1][value]=2%0D%0A3\
    &spec[environment][2][name]=KEY&spec[environment][2][secret_id]=01890000-0000-7000-8000-000000000001";

/// Returns the form with a file pasted into it, as a browser sends it.
fn pasted(more: &[(&str, &str)]) -> FormOutcome {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(more);
    let body = format!("{ROWS}&{}", body.finish());
    let Submission { fields, paste, .. } = Submission::parse(body.as_bytes());
    assert!(paste.is_requested());
    FormOutcome::of_paste("UpdateDeployment", fields, paste)
}

/// Returns the rows that would be saved: names, and values or secrets.
fn rows(outcome: &FormOutcome) -> Vec<(String, String)> {
    let request: UpdateDeploymentRequest = decode(&outcome.values).unwrap();
    let environment = request.spec.environment.into_iter();
    let row = environment.map(|variable| {
        let secret = variable.secret_id.map(|_| "secret".to_owned());
        let value = secret.unwrap_or_else(|| variable.value.as_str().to_owned());
        (variable.name.to_string(), value)
    });
    row.collect()
}

fn changes(outcome: &FormOutcome) -> Vec<String> {
    let changes = outcome.pasted.as_ref().unwrap().changes.as_ref().unwrap();
    let told = changes.iter().map(|change| {
        let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        format!(
            "{}: {} > {}",
            change.what,
            side(&change.before),
            side(&change.after)
        )
    });
    told.collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn a_file_adds_and_changes_what_it_names() {
    let outcome = pasted(&[("_paste", "A=1\r\nB=4\r\nKEY=5\r\nNEW='6\r\n7'\r\n")]);
    let expected = [
        pair("A", "1"),
        pair("B", "4"),
        pair("KEY", "5"),
        pair("NEW", "6\n7"),
    ];
    assert_eq!(rows(&outcome), expected);
    let told = [
        "B: 2\n3 > 4",
        "KEY: the value of a secret > 5",
        "NEW: - > 6\n7",
    ];
    assert_eq!(changes(&outcome), told);
    assert_eq!(outcome.pasted.unwrap().text, "", "it was taken over");
}

#[test]
fn a_file_changes_a_row_whose_name_was_typed_with_a_blank() {
    let body =
        "spec[image]=app&spec[environment][0][name]=A+&spec[environment][0][value]=1&_paste=A%3D2";
    let Submission { fields, paste, .. } = Submission::parse(body.as_bytes());
    let outcome = FormOutcome::of_paste("UpdateDeployment", fields, paste);
    assert_eq!(rows(&outcome), [pair("A", "2")]);
}

#[test]
fn a_file_can_replace_the_other_variables_but_not_secrets() {
    let outcome = pasted(&[("_paste", "NEW=1"), ("_paste_replaces", "true")]);
    assert_eq!(rows(&outcome), [pair("KEY", "secret"), pair("NEW", "1")]);
    assert_eq!(changes(&outcome), ["NEW: - > 1", "A: 1 > -", "B: 2\n3 > -"]);
}

#[test]
fn the_rows_can_be_edited_as_one_text() {
    let shown = pasted(&[("_paste", ""), ("_paste_shows", "true")]);
    let area = shown.pasted.clone().unwrap();
    assert_eq!(
        (area.text.as_str(), area.replaces),
        ("A=1\nB='2\n3'\n", true)
    );
    assert_eq!(rows(&shown).len(), 3, "no row was touched");
    let edited = area.text.replace("A=1\n", "C=1\n");
    let outcome = pasted(&[("_paste", &edited), ("_paste_replaces", "true")]);
    assert_eq!(changes(&outcome), ["C: - > 1", "A: 1 > -"]);
}

#[test]
fn a_file_with_a_wrong_line_changes_nothing_and_stays_to_be_mended() {
    let text = "A=2\nthis is wrong\nB='3";
    let outcome = pasted(&[("_paste", text)]);
    let expected = [pair("A", "1"), pair("B", "2\n3"), pair("KEY", "secret")];
    assert_eq!(rows(&outcome), expected);
    let area = outcome.pasted.unwrap();
    assert_eq!((area.text.as_str(), area.changes), (text, None));
    let begins: Vec<_> = area.errors.iter().map(|error| &error[..7]).collect();
    assert_eq!(begins, ["Line 2:", "Line 3:"]);
}

#[test]
fn a_pasted_file_with_too_many_or_no_variables_is_reported() {
    let many: Vec<_> = (0..500).map(|number| format!("V{number}=1\n")).collect();
    let area = pasted(&[("_paste", &many.concat())]).pasted.unwrap();
    assert!(area.errors[0].contains("500"), "{:?}", area.errors);
    let area = pasted(&[("_paste", "# nothing"), ("_paste_fills", "true")])
        .pasted
        .unwrap();
    assert!(area.errors[0].contains("No variables"), "{:?}", area.errors);
    assert!(!PasteRequest::default().is_requested());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_lines_that_it_has(
        text in prop_oneof![any::<String>(), "[AB ='\"`#\\\\n\\n\\r$]{0,40}"],
    ) {
        let lines = text.replace("\r\n", "\n").matches(['\n', '\r']).count() + 1;
        match parse(&text) {
            Ok(variables) => {
                for variable in variables {
                    prop_assert!(garde::Validate::validate(&variable).is_ok());
                }
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!((1..=lines).contains(&error.line), "{}", error);
                }
            }
        }
    }

    #[test]
    fn written_files_are_read_back_unchanged(
        values in prop::collection::btree_map(
            "[A-Za-z_][A-Za-z0-9_]{0,9}",
            prop_oneof![any::<String>(), "[a '\"`#\\\\n\\n$=]{0,12}"],
            0..9,
        ),
    ) {
        let clean = |value: &String| value.replace(['\r', '\0'], "");
        let values: Vec<_> = values.iter().map(|(name, value)| (name.clone(), clean(value))).collect();
        let file = write(values.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let read: Vec<_> = parse(&file)
            .unwrap()
            .iter()
            .map(|variable| (variable.name.to_string(), variable.value.as_str().to_owned()))
            .collect();
        prop_assert_eq!(read, values);
    }
}

#[test]
fn a_huge_paste_is_read_and_reported_within_limits() {
    let wrong = parse(&"a\n".repeat(500_000)).unwrap_err();
    assert_eq!(wrong.len(), 20);
    let many: Vec<_> = (0..200_000).map(|number| format!("A{number}=")).collect();
    let many = many.join("\n");
    let wrong = parse(&many).unwrap_err();
    assert_eq!(wrong.len(), 1);
    assert!(wrong[0].message.contains("500"), "{wrong:?}");

    let mut body = String::from("_paste=A%3D1");
    for row in 0..20_000 {
        write!(body, "&spec[environment][{row}][name]=a").unwrap();
    }
    let Submission { fields, paste, .. } = Submission::parse(body.as_bytes());
    let outcome = FormOutcome::of_paste("UpdateDeployment", fields, paste);
    let pasted = outcome.pasted.unwrap();
    assert_eq!((pasted.errors.len(), pasted.changes), (1, None));
}
