//! The frame around pages.

pub mod menu;
pub mod navigation;

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// The id of the one `main` of a page.
const MAIN: &str = "main";

/// The frame of somebody who is signed in: a top bar, the navigation, the page.
#[component]
pub fn Frame(
    /// Where the sign at the top left leads.
    #[prop(into)]
    home: String,
    /// Beside the sign: where one is among the workspaces.
    #[prop(into)]
    switcher: ViewFn,
    /// At the right end of the top bar: the person.
    #[prop(into)]
    person: ViewFn,
    /// The ways through the workspace.
    #[prop(into)]
    navigation: ViewFn,
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="frame">
            <SkipLink />
            <header class="top-bar">
                <a class="brand" href=home aria-label="Berth, home">
                    <Icon glyph=Glyph::Berth />
                    <span class="brand-word">"Berth"</span>
                </a>
                <span class="top-bar-divider" aria-hidden="true">"/"</span>
                {switcher.run()}
                <div class="top-bar-end">{person.run()}</div>
            </header>
            {navigation.run()}
            <main id=MAIN tabindex="-1">
                {children()}
            </main>
        </div>
    }
}

/// The frame of pages that stand alone: set-up, sign in, not found.
#[component]
pub fn PlainFrame(
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="plain">
            <SkipLink />
            <header>
                <a class="brand" href="/" aria-label="Berth, home">
                    <Icon glyph=Glyph::Berth />
                    "Berth"
                </a>
            </header>
            <main id=MAIN tabindex="-1">
                {children()}
            </main>
        </div>
    }
}

/// Leads those who use a keyboard past the navigation.
#[component]
pub fn SkipLink() -> impl IntoView {
    view! {
        <a class="skip-link" href=format!("#{MAIN}")>
            "Skip to the page"
        </a>
    }
}
