//! Light and dark, by the system or by choice.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// Which colours people want.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Those of the system.
    #[default]
    System,
    /// Light ones.
    Light,
    /// Dark ones.
    Dark,
}

impl Theme {
    /// Every theme.
    pub const ALL: &'static [Self] = &[Self::System, Self::Light, Self::Dark];

    /// The theme's name in `data-theme` and in the cookie.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this name; the system's for any other text.
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

/// The choice between the themes.
#[component]
pub fn ThemeSwitch(
    /// What is chosen.
    #[prop(into)]
    theme: Signal<Theme>,
    /// What to do with another choice.
    on_choose: Callback<Theme>,
) -> impl IntoView {
    view! {
        <fieldset class="theme">
            <legend class="visually-hidden">"Colours"</legend>
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
