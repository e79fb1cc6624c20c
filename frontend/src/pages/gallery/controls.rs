//! Buttons and inputs.

use components::{
    button::{ActionButton, ButtonKind, LinkButton, SubmitButton},
    confirm::ConfirmByTyping,
    environment::{EnvironmentRows, RowError},
    field::Field,
    icon::{Glyph, Icon},
    select::{Choice, Select},
    text_area::TextArea,
    theme::{Theme, ThemeSwitch},
};
use leptos::prelude::*;

use super::{Part, samples};

const KINDS: [(ButtonKind, &str); 4] = [
    (ButtonKind::Primary, "Primary"),
    (ButtonKind::Secondary, "Secondary"),
    (ButtonKind::Danger, "Danger"),
    (ButtonKind::Quiet, "Quiet"),
];

#[component]
pub(super) fn Controls() -> impl IntoView {
    let wrong = || Some("What is wrong, and how to fix it.".to_owned());
    let choices = ["this-machine", "build-box"].map(|name| Choice {
        value: name.to_owned(),
        label: format!("{name} (connected)"),
    });
    let nothing = Callback::new(|()| ());
    view! {
        <Part title="Buttons">
            <div class="cluster">
                {KINDS
                    .map(|(kind, label)| {
                        view! { <SubmitButton kind=kind label=label busy_label="Working…" /> }
                    })
                    .collect_view()}
                <SubmitButton
                    kind=ButtonKind::Primary
                    label="Deploy"
                    busy_label="Deploying…"
                    busy=true
                />
                <LinkButton glyph=Glyph::External href="#main" label="Link" external=true />
                <ActionButton
                    glyph=Glyph::Pause
                    label="Switch"
                    pressed=Signal::stored(true)
                    on_press=nothing
                />
            </div>
        </Part>
        <Part title="Inputs">
            <div class="form page-narrow">
                <Field label="Plain" name="plain" hint="Help for this field." />
                <Field label="Filled" name="filled" value="localhost/berth/hello:latest" mono=true />
                <Field label="Optional number" name="number" kind="number" optional=true />
                <Field label="Wrong" name="wrong" value="Not A Name" error=wrong() />
                <Select label="Choice" name="choice" choices=choices.to_vec() value="build-box" />
                <TextArea label="Several lines" name="lines" value="one\ntwo" optional=true />
                <ConfirmByTyping expected="hello" />
            </div>
        </Part>
        <Part title="Environment">
            <div class="page-narrow">
                <EnvironmentRows
                    rows=samples::variables()
                    secrets=samples::secrets()
                    prefix="environment"
                    errors=vec![RowError {
                        row: 1,
                        message: "Use letters, digits, underscores, hyphens and dots. Do not start with a digit."
                            .to_owned(),
                    }]
                />
            </div>
        </Part>
        <Part title="Themes">
            <div class="page-narrow">
                <ThemeSwitch theme=Signal::stored(Theme::System) on_choose=Callback::new(|_| ()) />
            </div>
        </Part>
        <Part title="Icons">
            <div class="cluster">
                {Glyph::ALL.iter().map(|glyph| view! { <Icon glyph=*glyph /> }).collect_view()}
            </div>
        </Part>
    }
}
