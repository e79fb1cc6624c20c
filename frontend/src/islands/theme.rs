//! Theme switch.

use components::theme::{Theme, ThemeSwitch};
use leptos::prelude::*;

use crate::browser;

/// Lets people choose a theme.
#[island]
pub(crate) fn ThemeChoice(
    /// Name of the current theme.
    #[prop(into)]
    theme: String,
) -> impl IntoView {
    let theme = RwSignal::new(Theme::from_name(&theme));
    let choose = Callback::new(move |choice| {
        theme.set(choice);
        browser::apply_theme(choice);
    });
    view! { <ThemeSwitch theme=theme on_choose=choose /> }
}
