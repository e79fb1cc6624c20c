//! The inputs for the command and for its end.

use components::select::Choice;
use leptos::prelude::*;
use models::deployment::{ImageDescription, RestartPolicy, Spec, StopPolicy, StopSignal};

use super::{lines, options};
use crate::{
    form::{MoreInputs, SelectInput, TextAreaInput, TextInput},
    sections::image_text::{joined, signal_of},
};

/// The command, and the reaction to its end.
#[component]
pub(super) fn Process(
    spec: Spec,
    /// The facts of the image, if known.
    #[prop(optional_no_strip)]
    image: Option<ImageDescription>,
) -> impl IntoView {
    let usual = Spec::of_image(spec.image.clone());
    let facts = |spec: &Spec| {
        let words = (spec.entrypoint.clone(), spec.arguments.clone());
        let place = (spec.user.clone(), spec.working_directory.clone());
        (words, place, spec.restart, spec.stop)
    };
    let open = facts(&spec) != facts(&usual);
    let StopPolicy { signal, grace_ms } = spec.stop;
    let policies = options(RestartPolicy::ALL.map(|policy| {
        let label = match policy {
            RestartPolicy::Always => "Always",
            RestartPolicy::OnFailure => "On failure (exit code other than 0)",
            RestartPolicy::Never => "Never",
        };
        (policy.name(), label)
    }));
    let image = image.unwrap_or_default();
    let entrypoint_hint = with_own(
        "The program and its first arguments, one per line, or a JSON list. Not run through a shell. Replaces the image's entry point and its arguments.",
        &joined(&image.entrypoint),
    );
    let arguments_hint = with_own(
        "Passed to the entry point, one per line. Replaces only the image's arguments.",
        &joined(&image.command),
    );
    let user_hint = with_own(
        "A number or a name, optionally with a group: 1000, 1000:1000 or app. New volumes are owned by this user.",
        image.user.as_deref().unwrap_or_default(),
    );
    let folder_hint = with_own("", image.working_directory.as_deref().unwrap_or_default());
    view! {
        <MoreInputs
            summary="Command, user, restart and stop"
            fields=&[
                "spec.entrypoint",
                "spec.arguments",
                "spec.user",
                "spec.working_directory",
                "spec.restart",
                "spec.stop",
            ]
            open=open
        >
            <TextAreaInput
                label="Entry point"
                field="spec.entrypoint"
                value=lines(&spec.entrypoint)
                hint=entrypoint_hint
            />
            <TextAreaInput
                label="Arguments"
                field="spec.arguments"
                value=lines(&spec.arguments)
                hint=arguments_hint
            />
            <TextInput
                label="User"
                field="spec.user"
                value=spec.user.map_or_else(String::new, |user| user.to_string())
                optional=true
                mono=true
                hint=user_hint
            />
            <TextInput
                label="Working directory"
                field="spec.working_directory"
                value=spec.working_directory.map_or_else(String::new, |path| path.to_string())
                optional=true
                mono=true
                hint=folder_hint
            />
            <SelectInput
                label="Restart policy"
                field="spec.restart"
                choices=policies
                value=spec.restart.name()
            />
            <SelectInput
                label="Stop signal"
                field="spec.stop.signal"
                choices=signals(&image)
                value=signal.map_or_else(String::new, |signal| signal.to_string())
                optional=true
            />
            <TextInput
                label="Stop timeout (ms)"
                field="spec.stop.grace_ms"
                kind="number"
                value=grace_ms.to_string()
                hint="An instance that has not stopped by then is killed."
            />
        </MoreInputs>
    }
}

/// Adds the image's default to a hint.
fn with_own(hint: &str, own: &str) -> String {
    let empty = if own.is_empty() {
        "If empty, the image's default.".to_owned()
    } else {
        format!("If empty, the image's default: {own}")
    };
    format!("{hint} {empty}").trim_start().to_owned()
}

/// Returns the image's own signal, followed by all others.
fn signals(image: &ImageDescription) -> Vec<Choice> {
    let own = match signal_of(image) {
        Some(signal) => format!("Image default ({signal})"),
        None => "Image default".to_owned(),
    };
    let own = Choice {
        value: String::new(),
        label: own,
    };
    let all = StopSignal::all().map(|signal| Choice {
        value: signal.to_string(),
        label: signal.to_string(),
    });
    std::iter::once(own).chain(all).collect()
}

#[cfg(test)]
mod tests {
    use models::deployment::ImageDescription;

    use super::{signals, with_own};

    #[test]
    fn the_first_signal_is_the_images_own() {
        let labels = |stop_signal: Option<&str>| {
            let image = ImageDescription {
                stop_signal: stop_signal.map(str::to_owned),
                ..ImageDescription::default()
            };
            signals(&image)
        };
        let first = &labels(Some("SIGQUIT"))[0];
        assert_eq!(first.value, "");
        assert_eq!(first.label, "Image default (SIGQUIT)");
        assert_eq!(labels(None)[0].label, "Image default");
        assert!(
            labels(None)
                .iter()
                .any(|choice| choice.value == "SIGRTMIN+3")
        );
    }

    #[test]
    fn a_hint_explains_an_empty_input() {
        assert_eq!(with_own("", ""), "If empty, the image's default.");
        assert_eq!(
            with_own("A.", "/srv"),
            "A. If empty, the image's default: /srv"
        );
    }
}
