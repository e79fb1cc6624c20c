//! Commands, tokens and ids to be copied.

use std::time::Duration;

use leptos::{html, prelude::*};
use web_sys::{HtmlDocument, Node, wasm_bindgen::JsCast};

use crate::{
    hydrated::hydrated,
    icon::{Glyph, Icon},
};

/// How long the button says that it copied.
const CONFIRMED: Duration = Duration::from_secs(2);

/// Text to be copied as it stands, with a button that does it.
#[component]
pub fn CodeBlock(
    /// What it is, for those who hear the page.
    #[prop(into)]
    label: String,
    /// The text.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let block = NodeRef::<html::Pre>::new();
    let select = move || {
        block
            .get()
            .map(|block| Node::from(web_sys::Element::from(block)))
    };
    view! {
        <div class="code">
            <pre node_ref=block tabindex="0" role="group" aria-label=label>
                <code>{move || text.get()}</code>
            </pre>
            <CopyButton select=Callback::new(move |()| select()) />
        </div>
    }
}

/// A short text on its line, with a button that copies it.
#[component]
pub fn CodeInline(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let code = NodeRef::<html::Code>::new();
    let select = move || {
        code.get()
            .map(|code| Node::from(web_sys::Element::from(code)))
    };
    view! {
        <span class="code-inline">
            <code node_ref=code title=text.clone()>
                {text.clone()}
            </code>
            <CopyButton select=Callback::new(move |()| select()) />
        </span>
    }
}

/// Selects a node and copies it.
#[component]
fn CopyButton(select: Callback<(), Option<Node>>) -> impl IntoView {
    let hydrated = hydrated();
    let word = RwSignal::new("Copy");
    let press = move |_| {
        let Some(node) = select.run(()) else { return };
        word.set(if copy(&node) {
            "Copied"
        } else {
            "Press Ctrl C"
        });
        set_timeout(move || word.set("Copy"), CONFIRMED);
    };
    view! {
        <button
            type="button"
            class="button button-quiet"
            hidden=move || !hydrated.get()
            on:click=press
        >
            <Icon glyph=Glyph::Copy />
            <span aria-live="polite">{move || word.get()}</span>
        </button>
    }
}

/// Selects the node, so that people see what they get, and copies the selection.
///
/// Not the asynchronous clipboard: browsers keep it from pages without TLS, and a dashboard in a
/// private network often has none.
fn copy(node: &Node) -> bool {
    let selected = window()
        .get_selection()
        .ok()
        .flatten()
        .is_some_and(|selection| selection.select_all_children(node).is_ok());
    selected
        && document()
            .unchecked_into::<HtmlDocument>()
            .exec_command("copy")
            .unwrap_or(false)
}
