//! Buttons, and links styled as buttons.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// Visual emphasis of a button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The main action of the page.
    Primary,
    /// Any other action.
    #[default]
    Secondary,
    /// A destructive action.
    Danger,
    /// An action without emphasis.
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

/// A button that submits the surrounding form.
#[component]
pub fn SubmitButton(
    /// Visual emphasis.
    #[prop(optional)]
    kind: ButtonKind,
    /// The label: a verb.
    #[prop(into)]
    label: String,
    /// The label while the form is being sent. The page's script sets it, so that nobody
    /// submits twice.
    #[prop(into)]
    busy_label: String,
    /// True if the form is being sent; used by the gallery.
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

/// A button that acts on the page itself. It needs scripts.
#[component]
pub fn ActionButton(
    /// Visual emphasis.
    #[prop(optional)]
    kind: ButtonKind,
    /// The icon; absent for a text button.
    #[prop(optional)]
    glyph: Option<Glyph>,
    /// The label: a verb.
    #[prop(into)]
    label: String,
    /// State of a toggle button; absent for other buttons.
    #[prop(optional)]
    pressed: Option<Signal<bool>>,
    /// Called when the button is pressed.
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

/// A link styled as a button.
#[component]
pub fn LinkButton(
    /// Visual emphasis.
    #[prop(optional)]
    kind: ButtonKind,
    /// The icon; absent for a text button.
    #[prop(optional)]
    glyph: Option<Glyph>,
    /// The link's target.
    #[prop(into)]
    href: String,
    /// True if the link leaves the dashboard and opens in a new tab.
    #[prop(optional)]
    external: bool,
    /// The label: the target's name.
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
