//! Light and dark themes, chosen by the system or by the person.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// Color theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The system's theme.
    #[default]
    System,
    /// The light theme.
    Light,
    /// The dark theme.
    Dark,
}

impl Theme {
    /// Every theme.
    pub const ALL: &'static [Self] = &[Self::System, Self::Light, Self::Dark];

    /// Returns the theme's name in `data-theme` and in the cookie.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Returns the theme with this name; [`Theme::System`] for any other text.
    pub fn from_name(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    const fn glyph(self) -> Glyph {
        match self {
            Self::System => Glyph::Screen,
            Self::Light => Glyph::Sun,
            Self::Dark => Glyph::Moon,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// A switch between the themes.
#[component]
pub fn ThemeSwitch(
    /// The current theme.
    #[prop(into)]
    theme: Signal<Theme>,
    /// Called with the chosen theme.
    on_choose: Callback<Theme>,
) -> impl IntoView {
    view! {
        <fieldset class="theme">
            <legend class="visually-hidden">"Theme"</legend>
            {Theme::ALL
                .iter()
                .map(|&choice| {
                    view! {
                        <label class="theme-choice">
                            <input
                                type="radio"
                                name="theme"
                                value=choice.name()
                                checked=move || theme.get() == choice
                                on:change=move |_| on_choose.run(choice)
                            />
                            <Icon glyph=choice.glyph() />
                            {choice.word()}
                        </label>
                    }
                })
                .collect_view()}
        </fieldset>
    }
}
