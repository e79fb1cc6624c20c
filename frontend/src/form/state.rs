//! State of a form that was posted before, for its inputs to show.

use components::{alert::Alert, status::Tone};
use leptos::prelude::*;
use models::{
    error::{ApiError, ErrorCode},
    form::{FormOutcome, PasteResult, field_path},
};
use serde::de::DeserializeOwned;

use crate::context::FormAnswer;

/// Maximum number of rows in a list. A higher number is an attempt to make the page long.
const MOST_ROWS: usize = 100;

/// Outcome of a form that was rejected; `None` if the page shows none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Posted(pub(crate) Option<FormOutcome>);

/// Address of the page, which its forms return to.
#[derive(Clone, Debug)]
pub(crate) struct FormPage(pub(crate) String);

/// Returns the address of the page with the form.
pub(super) fn page() -> String {
    use_context::<FormPage>().map_or_else(String::new, |page| page.0)
}

/// State of one form.
#[derive(Clone, Copy)]
pub(super) struct FormState {
    outcome: StoredValue<Option<FormOutcome>>,
    /// Fields that have an input. Errors of other fields appear at the button.
    fields: StoredValue<Vec<String>>,
}

impl FormState {
    /// Returns the state of the form for this endpoint.
    pub(super) fn new(endpoint: &str) -> Self {
        let outcome = use_context::<Posted>()
            .and_then(|posted| posted.0)
            .filter(|outcome| outcome.endpoint == endpoint);
        Self {
            outcome: StoredValue::new(outcome),
            fields: StoredValue::new(Vec::new()),
        }
    }

    /// Returns the initial value of an input: the posted text, or else the default.
    pub(super) fn value(self, input: &str, default: String) -> String {
        // The page's reader may have left, and the state was dropped.
        match self.outcome.try_get_value().flatten() {
            Some(outcome) => outcome.value(input).unwrap_or_default().to_owned(),
            None => default,
        }
    }

    /// True if the form was rejected with this code.
    pub(super) fn has_code(self, code: ErrorCode) -> bool {
        let outcome = self.outcome.try_get_value().flatten();
        let error = outcome.as_ref().and_then(|outcome| outcome.error.as_ref());
        error.is_some_and(|error| error.code == code)
    }

    /// Returns the number of rows that were posted for a list.
    ///
    /// It is one more than the highest number of a nonempty input with this prefix.
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

    /// True if the form was posted and rejected.
    pub(super) fn was_posted(self) -> bool {
        self.outcome.try_get_value().flatten().is_some()
    }

    /// True if a field or one inside it has an error.
    pub(super) fn is_wrong_within(self, field: &str) -> bool {
        let outcome = self.outcome.try_get_value().flatten();
        let error = outcome.as_ref().and_then(|outcome| outcome.error.as_ref());
        error.is_some_and(|error| {
            let mut wrong = error.fields.iter();
            wrong.any(|error| error.field.starts_with(field))
        })
    }

    /// Returns the result of a pasted file.
    pub(super) fn pasted(self) -> Option<PasteResult> {
        self.outcome.try_get_value().flatten()?.pasted
    }

    /// Returns the error of an input, which becomes responsible for showing it.
    pub(super) fn error(self, input: &str) -> Option<String> {
        self.fields
            .try_update_value(|fields| fields.push(field_path(input)));
        let outcome = self.outcome.try_get_value().flatten();
        let error = outcome.as_ref()?.error(input)?;
        Some(error.to_owned())
    }

    /// Returns the messages about fields that have no input.
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

/// Returns the endpoint's response to a form without a success page.
pub(crate) fn answer_of<T: DeserializeOwned>(endpoint: &str) -> Option<T> {
    let FormAnswer { answer, .. } =
        use_context::<FormAnswer>().filter(|answer| answer.endpoint == endpoint)?;
    serde_json::from_value(answer).ok()
}

/// The reason why a form was rejected.
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
