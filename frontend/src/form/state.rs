//! What becomes of a form, shared by its inputs.

use components::{alert::Alert, status::Tone};
use leptos::prelude::*;
use models::{
    error::ApiError,
    form::{FormOutcome, field_path},
};
use serde::de::DeserializeOwned;

use crate::{context::FormAnswer, handover::Handover};

/// What becomes of a form.
#[derive(Clone, Copy)]
pub(crate) struct FormState {
    endpoint: &'static str,
    outcome: RwSignal<Option<FormOutcome>>,
    /// The fields that have an input; what is wrong with others is told of at the button.
    fields: StoredValue<Vec<String>>,
    pub(super) busy: RwSignal<bool>,
}

impl FormState {
    /// The state of a form for this endpoint; it may have been posted without scripts before.
    pub(super) fn new(endpoint: &'static str) -> Self {
        let outcome = use_context::<Handover>()
            .and_then(|handover| handover.outcome)
            .filter(|outcome| outcome.endpoint == endpoint);
        Self {
            endpoint,
            outcome: RwSignal::new(outcome),
            fields: StoredValue::new(Vec::new()),
            busy: RwSignal::new(false),
        }
    }

    /// What an input begins with: what was typed, if the form was posted before.
    pub(super) fn value(self, input: &str, default: String) -> String {
        match &*self.outcome.read_untracked() {
            Some(outcome) => outcome.value(input).unwrap_or_default().to_owned(),
            None => default,
        }
    }

    /// Whether the form was posted before and not accepted.
    pub(super) fn was_posted(self) -> bool {
        self.outcome.read_untracked().is_some()
    }

    /// What is wrong with an input.
    pub(super) fn error(self, input: &str) -> Option<String> {
        self.outcome
            .read()
            .as_ref()
            .and_then(|outcome| outcome.error(input))
            .map(str::to_owned)
    }

    /// Remembers that a field has an input that shows its errors.
    pub(super) fn has_input(self, input: &str) {
        self.fields
            .update_value(|fields| fields.push(field_path(input)));
    }

    pub(super) fn begin(self) {
        self.busy.set(true);
        self.outcome.set(None);
    }

    pub(super) fn end(self) {
        self.busy.set(false);
    }

    pub(super) fn refuse(self, fields: Vec<(String, String)>, error: ApiError) {
        self.busy.set(false);
        self.outcome
            .set(Some(FormOutcome::of(self.endpoint, fields, error)));
    }

    /// The errors of fields that have no input.
    fn other_errors(self, error: &ApiError) -> Vec<String> {
        let fields = self.fields.read_value();
        error
            .fields
            .iter()
            .filter(|error| !fields.contains(&error.field))
            .map(|error| error.message.clone())
            .collect()
    }
}

/// Why a form was not accepted.
#[component]
pub(super) fn FormError(state: FormState) -> impl IntoView {
    move || {
        let error = state.outcome.get()?.error;
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
}

/// What the endpoint answered to a form that was posted without scripts and has no other page to
/// go to.
pub(crate) fn answer_of<T: DeserializeOwned>(endpoint: &str) -> Option<T> {
    let FormAnswer { answer, .. } = use_context::<Handover>()?
        .answer
        .filter(|answer| answer.endpoint == endpoint)?;
    serde_json::from_value(answer).ok()
}
