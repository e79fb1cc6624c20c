//! The pages of one thing.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One of several pages about the same thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tab {
    /// Its name.
    pub name: String,
    /// Its address.
    pub href: String,
    /// Whether one is there.
    pub is_current: bool,
}

/// Links between the pages of one thing.
#[component]
pub fn Tabs(
    /// What the pages are about, for those who hear the page.
    #[prop(into)]
    label: String,
    /// The pages.
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
