//! Commands, tokens and ids with a copy button.

#![expect(
    missing_docs,
    reason = "the island macro writes a struct without a word about it"
)]

use std::time::Duration;

use leptos::{html, prelude::*};
use web_sys::{Element, HtmlDocument, Node, wasm_bindgen::JsCast};

use crate::{
    hydrated::hydrated,
    icon::{Glyph, Icon},
};

/// Time for which the button confirms that it copied.
const CONFIRMED: Duration = Duration::from_secs(2);

/// A block of text to copy verbatim, with a copy button.
#[island]
pub fn CodeBlock(
    /// Accessible name of the block.
    #[prop(into)]
    label: String,
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let block = NodeRef::<html::Pre>::new();
    let find = move || block.get().map(|block| Element::from(block).into());
    view! {
        <div class="code">
            <pre node_ref=block tabindex="0" role="group" aria-label=label>
                <code>{text}</code>
            </pre>
            <CopyButton find=Callback::new(move |()| find()) />
        </div>
    }
}

/// A short inline text with a copy button.
#[island]
pub fn CodeInline(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let code = NodeRef::<html::Code>::new();
    let find = move || code.get().map(|code| Element::from(code).into());
    view! {
        <span class="code-inline">
            <code node_ref=code title=text.clone()>
                {text.clone()}
            </code>
            <CopyButton find=Callback::new(move |()| find()) />
        </span>
    }
}

/// A button that selects a node and copies it.
#[component]
fn CopyButton(find: Callback<(), Option<Node>>) -> impl IntoView {
    let hydrated = hydrated();
    let word = RwSignal::new("Copy");
    let press = move |_| {
        let Some(node) = find.run(()) else { return };
        word.set(if copy(&node) {
            "Copied"
        } else {
            "Press Ctrl+C"
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
            <span aria-live="polite">{word}</span>
        </button>
    }
}

/// Selects the node, so that people see what is copied, and copies the selection.
///
/// Does not use the asynchronous clipboard: browsers withhold it from pages without TLS, and
/// dashboards in private networks often have none.
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
