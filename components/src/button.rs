//! Buttons, and links that look like them.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing that the page is for.
    Primary,
    /// Everything else.
    #[default]
    Secondary,
    /// Destroys something.
    Danger,
    /// Stays in the background.
    Quiet,
}

impl ButtonKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button-primary",
            Self::Secondary => "button",
            Self::Danger => "button button-danger",
            Self::Quiet => "button button-quiet",
        }
    }
}

/// A button that submits the form around it.
#[component]
pub fn SubmitButton(
    /// How much it asks to be pressed.
    #[prop(optional)]
    kind: ButtonKind,
    /// What it does.
    #[prop(into)]
    label: String,
    /// What it says while the form is on its way; the page's script puts it there, so that nobody
    /// submits twice.
    #[prop(into)]
    busy_label: String,
    /// Whether the form is on its way, for the gallery.
    #[prop(optional)]
    busy: bool,
) -> impl IntoView {
    let shown = if busy { busy_label.clone() } else { label };
    view! {
        <button type="submit" class=kind.class() disabled=busy data-busy=busy_label>
            {shown}
        </button>
    }
}

/// A button that does something on the page itself; it needs scripts.
#[component]
pub fn ActionButton(
    /// How much it asks to be pressed.
    #[prop(optional)]
    kind: ButtonKind,
    /// Its icon.
    #[prop(optional)]
    glyph: Option<Glyph>,
    /// What it does.
    #[prop(into)]
    label: String,
    /// Whether it is switched on, for a button that is a switch.
    #[prop(optional)]
    pressed: Option<Signal<bool>>,
    /// What happens.
    on_press: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=kind.class()
            aria-pressed=move || pressed.map(|pressed| pressed.get().to_string())
            on:click=move |_| on_press.run(())
        >
            {glyph.map(|glyph| view! { <Icon glyph=glyph /> })}
            {label}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    /// How much it asks to be pressed.
    #[prop(optional)]
    kind: ButtonKind,
    /// Its icon.
    #[prop(optional)]
    glyph: Option<Glyph>,
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// Whether it leads out of the dashboard, into a new tab.
    #[prop(optional)]
    external: bool,
    /// What is there.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <a
            class=kind.class()
            href=href
            target=external.then_some("_blank")
            rel=external.then_some("noopener noreferrer")
        >
            {glyph.map(|glyph| view! { <Icon glyph=glyph /> })}
            {label}
            {external.then(|| view! { <span class="visually-hidden">" (opens in a new tab)"</span> })}
        </a>
    }
}
