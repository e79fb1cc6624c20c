//! Menus of the top bar.
//!
//! They are the browser's own popovers: they open without scripts, close by `Esc` and by a click
//! elsewhere, and bring the focus back.

use leptos::prelude::*;

/// At which end of the top bar a menu stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MenuEnd {
    /// Where reading starts.
    #[default]
    Start,
    /// Where it ends.
    End,
}

/// A button of the top bar and the panel that it opens.
#[component]
pub fn Menu(
    /// The panel's id; unique in the page.
    id: &'static str,
    /// What the button is for, when its words do not say it.
    #[prop(into)]
    label: String,
    /// At which end of the top bar it stands.
    #[prop(optional)]
    end: MenuEnd,
    /// What is on the button.
    #[prop(into)]
    button: ViewFn,
    /// What is in the panel.
    children: Children,
) -> impl IntoView {
    let class = match end {
        MenuEnd::Start => "menu-panel",
        MenuEnd::End => "menu-panel menu-panel-end",
    };
    view! {
        <button type="button" class="button button-quiet menu-button" popovertarget=id aria-label=label>
            {button.run()}
        </button>
        <div id=id class=class popover="auto">
            {children()}
        </div>
    }
}
