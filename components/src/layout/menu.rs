//! Menus of the top bar.
//!
//! The menus are the browser's own popovers: they open without scripts, close on `Esc` and on a
//! click elsewhere, and restore the focus.

use leptos::prelude::*;

/// Position of a menu in the top bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MenuEnd {
    /// At the start of the line.
    #[default]
    Start,
    /// At the end of the line.
    End,
}

/// A button of the top bar and the panel that it opens.
#[component]
pub fn Menu(
    /// Id of the panel; unique in the page.
    id: &'static str,
    /// Accessible name of the button, if its text is not enough.
    #[prop(into)]
    label: String,
    /// Position in the top bar.
    #[prop(optional)]
    end: MenuEnd,
    /// Content of the button.
    #[prop(into)]
    button: ViewFn,
    /// Content of the panel.
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
