//! What became of a form when it was posted before, for its inputs to show.

use components::{alert::Alert, status::Tone};
use leptos::prelude::*;
use models::{
    error::{ApiError, ErrorCode},
    form::{FormOutcome, Pasted, field_path},
};
use serde::de::DeserializeOwned;

use crate::context::FormAnswer;

/// No list of a form has more rows; who sends a higher number wants the page to be long.
const MOST_ROWS: usize = 100;

/// A form that was not accepted, if the page is shown because of one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Posted(pub(crate) Option<FormOutcome>);

/// The address of the page, for its forms to come back to.
#[derive(Clone, Debug)]
pub(crate) struct FormPage(pub(crate) String);

/// The address of the page that has the form.
pub(super) fn page() -> String {
    use_context::<FormPage>().map_or_else(String::new, |page| page.0)
}

/// What became of one form.
#[derive(Clone, Copy)]
pub(super) struct FormState {
    outcome: StoredValue<Option<FormOutcome>>,
    /// The fields that have an input; what is wrong with others is told of at the button.
    fields: StoredValue<Vec<String>>,
}

impl FormState {
    /// The state of a form for this endpoint.
    pub(super) fn new(endpoint: &str) -> Self {
        let outcome = use_context::<Posted>()
            .and_then(|posted| posted.0)
            .filter(|outcome| outcome.endpoint == endpoint);
        Self {
            outcome: StoredValue::new(outcome),
            fields: StoredValue::new(Vec::new()),
        }
    }

    /// What an input begins with: what was typed, if the form was posted before.
    pub(super) fn value(self, input: &str, default: String) -> String {
        // Whoever asked for the page may be gone, and the state with them.
        match self.outcome.try_get_value().flatten() {
            Some(outcome) => outcome.value(input).unwrap_or_default().to_owned(),
            None => default,
        }
    }

    /// Whether it was refused for this.
    pub(super) fn has_code(self, code: ErrorCode) -> bool {
        let outcome = self.outcome.try_get_value().flatten();
        let error = outcome.as_ref().and_then(|outcome| outcome.error.as_ref());
        error.is_some_and(|error| error.code == code)
    }

    /// How many rows of a list were posted before: one more than the highest number of an input that
    /// begins like this and says something.
    pub(super) fn rows(self, list: &str) -> usize {
        let outcome = self.outcome.try_get_value().flatten();
        let fields = outcome.iter().flat_map(|outcome| &outcome.values);
        let numbers = fields.filter_map(|(input, value)| {
            let path = field_path(input);
            let rest = path.strip_prefix(list)?.strip_prefix('[')?;
            let (number, _) = rest.split_once(']')?;
            let number: usize = number.parse().ok()?;
            (!value.is_empty() && number < MOST_ROWS).then_some(number + 1)
        });
        numbers.max().unwrap_or(0)
    }

    /// Whether the form was posted before and not accepted.
    pub(super) fn was_posted(self) -> bool {
        self.outcome.try_get_value().flatten().is_some()
    }

    /// Whether something is wrong with a field or one inside it.
    pub(super) fn is_wrong_within(self, field: &str) -> bool {
        let outcome = self.outcome.try_get_value().flatten();
        let error = outcome.as_ref().and_then(|outcome| outcome.error.as_ref());
        error.is_some_and(|error| {
            let mut wrong = error.fields.iter();
            wrong.any(|error| error.field.starts_with(field))
        })
    }

    /// What became of a pasted file.
    pub(super) fn pasted(self) -> Option<Pasted> {
        self.outcome.try_get_value().flatten()?.pasted
    }

    /// What is wrong with an input, which from now on shows it.
    pub(super) fn error(self, input: &str) -> Option<String> {
        self.fields
            .try_update_value(|fields| fields.push(field_path(input)));
        let outcome = self.outcome.try_get_value().flatten();
        let error = outcome.as_ref()?.error(input)?;
        Some(error.to_owned())
    }

    /// The messages about fields that have no input.
    fn other_errors(self, error: &ApiError) -> Vec<String> {
        let fields = self.fields.try_get_value().unwrap_or_default();
        error
            .fields
            .iter()
            .filter(|error| !fields.contains(&error.field))
            .map(|error| error.message.clone())
            .collect()
    }
}

/// What the endpoint answered to a form that has no other page to go to.
pub(crate) fn answer_of<T: DeserializeOwned>(endpoint: &str) -> Option<T> {
    let FormAnswer { answer, .. } =
        use_context::<FormAnswer>().filter(|answer| answer.endpoint == endpoint)?;
    serde_json::from_value(answer).ok()
}

/// Why a form was not accepted.
#[component]
pub(super) fn FormError(state: FormState) -> impl IntoView {
    let error = state.outcome.try_get_value().flatten()?.error?;
    let others = state
        .other_errors(&error)
        .into_iter()
        .map(|message| view! { <p>{message}</p> })
        .collect_view();
    Some(view! {
        <Alert tone=Tone::Bad title=error.message urgent=true>
            {others}
        </Alert>
    })
}
