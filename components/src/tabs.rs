//! Tabs: the pages about one thing.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tab {
    /// The name.
    pub name: String,
    /// The address.
    pub href: String,
    /// True if this is the page being viewed.
    pub is_current: bool,
}

/// Links between the pages about one thing.
#[component]
pub fn Tabs(
    /// Accessible name of the tabs.
    #[prop(into)]
    label: String,
    /// The tabs.
    tabs: Vec<Tab>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            <ul>
                {tabs
                    .into_iter()
                    .map(|tab| {
                        view! {
                            <li>
                                <a
                                    class="tab"
                                    href=tab.href
                                    aria-current=tab.is_current.then_some("page")
                                >
                                    {tab.name}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}
