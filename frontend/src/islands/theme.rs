//! The choice of colours.

use components::theme::{Theme, ThemeSwitch};
use leptos::prelude::*;

use crate::browser;

/// Lets people choose their colours.
#[island]
pub(crate) fn ThemeChoice(
    /// The name of the present choice.
    #[prop(into)]
    theme: String,
) -> impl IntoView {
    let theme = RwSignal::new(Theme::from_name(&theme));
    let choose = Callback::new(move |choice| {
        theme.set(choice);
        browser::wear(choice);
    });
    view! { <ThemeSwitch theme=theme on_choose=choose /> }
}
