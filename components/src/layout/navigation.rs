//! The ways through a workspace.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// One place of the navigation.
#[derive(Clone)]
pub struct NavigationItem {
    /// Its name.
    pub name: &'static str,
    /// Its icon.
    pub glyph: Glyph,
    /// Its address.
    pub href: String,
    /// Whether one is there.
    pub is_current: bool,
}

/// The places, beside the page on wide screens and below it on narrow ones.
#[component]
pub fn SideNavigation(
    /// The places.
    items: Vec<NavigationItem>,
) -> impl IntoView {
    view! {
        <nav class="side" aria-label="Workspace">
            <ul>
                {items
                    .into_iter()
                    .map(|item| {
                        view! {
                            <li>
                                <a
                                    class="side-link"
                                    href=item.href
                                    aria-current=item.is_current.then_some("page")
                                >
                                    <Icon glyph=item.glyph />
                                    {item.name}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}
