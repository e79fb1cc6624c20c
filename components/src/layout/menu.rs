//! Menus of the top bar.
//!
//! They are the browser's own popovers: they open without scripts, close by `Esc` and by a click
//! elsewhere, and bring the focus back.

use leptos::{html, prelude::*};
use web_sys::{Element, MouseEvent, wasm_bindgen::JsCast};

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
    let panel = NodeRef::<html::Div>::new();
    // A followed link changes the page but, with client-side routing, leaves the panel open.
    let close = move |event: MouseEvent| {
        let link = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| target.closest("a").ok().flatten());
        if let (Some(panel), Some(_)) = (panel.get(), link) {
            let _ = panel.hide_popover();
        }
    };
    let class = match end {
        MenuEnd::Start => "menu-panel",
        MenuEnd::End => "menu-panel menu-panel-end",
    };
    view! {
        <button type="button" class="button button-quiet menu-button" popovertarget=id aria-label=label>
            {button.run()}
        </button>
        <div id=id class=class popover="auto" node_ref=panel on:click=close>
            {children()}
        </div>
    }
}
