//! The frame around pages: top bar, navigation and content.

pub mod menu;
pub mod navigation;

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// Id of the page's only `main` element.
const MAIN: &str = "main";

/// The frame of signed-in pages: a top bar, the navigation, the page.
#[component]
pub fn Frame(
    /// Target of the logo at the top left.
    #[prop(into)]
    home: String,
    /// The workspace switcher, beside the logo.
    #[prop(into)]
    switcher: ViewFn,
    /// The account menu, at the right end of the top bar.
    #[prop(into)]
    person: ViewFn,
    /// The navigation of the workspace.
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

/// The frame of stand-alone pages: set-up, sign-in, not found.
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

/// A link that lets keyboard users skip the navigation.
#[component]
pub fn SkipLink() -> impl IntoView {
    view! {
        <a class="skip-link" href=format!("#{MAIN}")>
            "Skip to main content"
        </a>
    }
}
