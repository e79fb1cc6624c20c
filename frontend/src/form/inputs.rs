//! Inputs that show the previous input and its errors.

use components::{
    disclosure::Disclosure,
    environment::{EnvironmentRows, RowError, Source, Variable},
    field::Field,
    select::{Choice, Select},
    text_area::TextArea,
};
use leptos::prelude::*;
use models::{
    deployment::MAX_ENVIRONMENT, error::ErrorCode, form::input_name, secret::Secret,
    value::EnvironmentVariable,
};

use super::{
    paste::{PasteInput, PastePreview},
    state::FormState,
};

/// Path of the environment within a request.
const ENVIRONMENT: &str = "spec.environment";

/// The input for one field of the request.
#[component]
pub(crate) fn TextInput(
    #[prop(into)] label: String,
    /// The field, for example `spec.image`.
    #[prop(into)]
    field: String,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] optional: bool,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional, into)] placeholder: String,
    #[prop(optional)] mono: bool,
) -> impl IntoView {
    let Bound { name, value, error } = bind(&field, value);
    // Never sent back: a browser or a proxy might store it.
    let value = if kind == "password" {
        String::new()
    } else {
        value
    };
    view! {
        <Field
            label=label
            name=name
            kind=kind
            value=value
            hint=hint
            error=error
            optional=optional
            autocomplete=autocomplete
            placeholder=placeholder
            mono=mono
        />
    }
}

/// The choice for one field of the request.
#[component]
pub(crate) fn SelectInput(
    #[prop(into)] label: String,
    /// The field.
    #[prop(into)]
    field: String,
    choices: Vec<Choice>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] optional: bool,
) -> impl IntoView {
    let Bound { name, value, error } = bind(&field, value);
    view! {
        <Select
            label=label
            name=name
            choices=choices
            value=value
            hint=hint
            error=error
            optional=optional
        />
    }
}

/// A multi-line input for one field of the request.
#[component]
pub(crate) fn TextAreaInput(
    #[prop(into)] label: String,
    /// The field.
    #[prop(into)]
    field: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let Bound { name, value, error } = bind(&field, value);
    view! {
        <TextArea
            label=label
            name=name
            value=value
            hint=hint
            error=error
            optional=!required
            mono=true
        />
    }
}

/// A collapsible section for settings that most people leave alone.
///
/// It is open if any of its settings was changed.
#[component]
pub(crate) fn MoreInputs(
    #[prop(into)] summary: String,
    /// Prefixes of the fields in the section.
    fields: &'static [&'static str],
    /// True if any setting differs from its default.
    #[prop(optional)]
    open: bool,
    children: Children,
) -> impl IntoView {
    let state = expect_context::<FormState>();
    let open = open || fields.iter().any(|field| state.is_wrong_within(field));
    view! {
        <Disclosure summary=summary open=open>
            <div class="form">{children()}</div>
        </Disclosure>
    }
}

/// Returns the number of rows posted for a list; 0 if the form was not posted.
pub(crate) fn typed_rows(list: &str) -> usize {
    expect_context::<FormState>().rows(list)
}

/// Returns the posted text of an input; empty if the form was not posted.
pub(crate) fn typed_value(field: &str) -> String {
    expect_context::<FormState>().value(&input_name(field), String::new())
}

/// A hidden input with the state that a change is based on.
///
/// If two forms are open, the later one cannot silently undo the earlier. The value stays the
/// same when the form is shown again, unless the error said that the deployment changed
/// meanwhile; then it becomes the current one.
#[component]
pub(crate) fn BasedOn(
    #[prop(into)] field: String,
    /// Version of the state that the page shows.
    now: String,
) -> impl IntoView {
    let state = expect_context::<FormState>();
    let name = input_name(&field);
    let value = if state.has_code(ErrorCode::DeploymentChanged) {
        now
    } else {
        state.value(&name, now)
    };
    view! { <input type="hidden" name=name value=value /> }
}

/// The rows for the environment of a specification.
#[component]
pub(crate) fn EnvironmentInput(
    variables: Vec<EnvironmentVariable>,
    /// The workspace's secrets.
    secrets: Vec<Secret>,
) -> impl IntoView {
    let state = expect_context::<FormState>();
    let rows: Vec<Variable> = if state.was_posted() {
        typed_variables(state)
    } else {
        variables.into_iter().map(row).collect()
    };
    let secrets = secrets.into_iter().map(|secret| Source {
        id: secret.secret_id.to_string(),
        name: secret.name.to_string(),
    });
    let mut secrets: Vec<Source> = secrets.collect();
    // A secret that the list lacks is kept; otherwise saving would drop it.
    for row in &rows {
        let is_listed = secrets.iter().any(|source| source.id == row.secret);
        if !row.secret.is_empty() && !is_listed {
            secrets.push(Source {
                id: row.secret.clone(),
                name: row.secret.clone(),
            });
        }
    }
    let errors = (0..rows.len())
        .filter_map(|row| {
            let of = |half| state.error(&environment_input(row, half));
            let message = of("name")
                .or_else(|| of("value"))
                .or_else(|| of("secret_id"))?;
            Some(RowError { row, message })
        })
        .collect();
    view! {
        <fieldset class="stack-tight">
            <legend class="field-label">
                "Environment variables" <span class="field-optional">"optional"</span>
            </legend>
            <p class="field-hint">
                "Passed to the app as environment variables. Empty rows are ignored."
            </p>
            <PastePreview />
            <EnvironmentRows rows=rows secrets=secrets prefix=input_name(ENVIRONMENT) errors=errors />
            <PasteInput />
        </fieldset>
    }
}

fn row(variable: EnvironmentVariable) -> Variable {
    Variable {
        name: variable.name.to_string(),
        value: variable.value.as_str().to_owned(),
        secret: variable
            .secret_id
            .map_or_else(String::new, |id| id.to_string()),
    }
}

/// Returns the variables that were posted.
fn typed_variables(state: FormState) -> Vec<Variable> {
    (0..MAX_ENVIRONMENT)
        .map(|row| {
            let typed = |part| state.value(&environment_input(row, part), String::new());
            Variable {
                name: typed("name"),
                value: typed("value"),
                secret: typed("secret_id"),
            }
        })
        .take_while(|row| *row != Variable::default())
        .collect()
}

fn environment_input(row: usize, half: &str) -> String {
    input_name(&format!("{ENVIRONMENT}[{row}].{half}"))
}

/// An input bound to its form.
struct Bound {
    name: String,
    value: String,
    error: Option<String>,
}

fn bind(field: &str, default: String) -> Bound {
    let state = expect_context::<FormState>();
    let name = input_name(field);
    Bound {
        value: state.value(&name, default),
        error: state.error(&name),
        name,
    }
}
