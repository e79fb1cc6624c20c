//! Navigation of a workspace.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// One entry of the navigation.
#[derive(Clone)]
pub struct NavigationItem {
    /// The name.
    pub name: &'static str,
    /// The icon.
    pub glyph: Glyph,
    /// The address.
    pub href: String,
    /// True if this is the page being viewed.
    pub is_current: bool,
}

/// The navigation, beside the page on wide screens and below it on narrow ones.
#[component]
pub fn SideNavigation(
    /// The entries.
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
